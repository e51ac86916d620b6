import type { Alert } from "../alerts/alert.ts";
import type { Entity } from "../alerts/entity.ts";
import type { Directory, DirectoryObject } from "../azure/directory.ts";
import type { IdentityFact } from "../playbooks/facts.ts";
import { attackersFirst } from "./attackers-first.ts";
import { ask, askAbout, type Budget, type Cache, createCache, keep, type LookUp, Miss } from "./look-up.ts";

type Identity = Extract<Entity, { kind: "principal" | "user" | "service-principal" }>;
type DirectoryReads = Pick<Directory, "resolve" | "findUser" | "roles">;

/** What there is to ask the directory about; `none` says why there is nothing. */
interface Question {
  about: string;
  objectId?: string;
  upn?: string;
  none?: string;
}

const limit = 10;

/** Looks up who the users and principals of an alert are: an object id alone may be a user, a service principal or a managed identity. */
export function createIdentityLookUp(directory: DirectoryReads, budget: Budget) {
  const objects: Cache<DirectoryObject | undefined> = createCache(budget.clock);
  const roles: Cache<string[]> = createCache(budget.clock);

  return (alert: Alert): Promise<LookUp<IdentityFact>> => {
    const questions = distinct(attackersFirst(alert.entities.filter(isIdentity)).map(questionAbout));
    const ids = questions.slice(0, limit).flatMap(({ objectId }) => objectId ?? []);
    const begun = budget.clock.now().getTime();
    // One request for all that are not known yet.
    let batch: Promise<Map<string, DirectoryObject>> | undefined;
    const resolve = async (id: string) => {
      batch ??= directory.resolve(ids).then(byLowerCaseId);
      return (await batch).get(id.toLowerCase());
    };
    const objectOf = async ({ objectId, upn, none }: Question) => {
      if (objectId !== undefined) return keep(objects, `id ${objectId.toLowerCase()}`, () => resolve(objectId));
      if (upn !== undefined) return keep(objects, `upn ${upn.toLowerCase()}`, () => directory.findUser(upn));
      throw new Miss(none ?? "nothing to ask the directory about");
    };
    const identify = async (question: Question): Promise<IdentityFact> => {
      const object = await objectOf(question);
      if (!object) throw new Miss("the directory knows no such object");
      const { id, kind, displayName, upn, appId, enabled, synced } = object;
      const left = begun + budget.budgetMs - budget.clock.now().getTime();
      // A slow answer about the roles must not cost what is already known.
      const held = await rolesOf(id, kind, { clock: budget.clock, budgetMs: Math.floor(left * 0.75) }, () =>
        keep(roles, id.toLowerCase(), () => directory.roles(id)),
      );
      return { id, kind, displayName, upn, appId, enabled, synced, ...held };
    };
    return askAbout(questions, { limit, noun: "user or principal" }, (question) =>
      ask(question.about, budget, () => identify(question)),
    );
  };
}

/** Any directory role counts: which of them are harmless changes with Entra, and a wrong "no" costs more than a wrong "yes". */
async function rolesOf(
  id: string,
  kind: DirectoryObject["kind"],
  budget: Budget,
  read: () => Promise<string[]>,
): Promise<Pick<IdentityFact, "privileged" | "roles" | "rolesMiss">> {
  if (kind === "other") return { privileged: "unknown", roles: [], rolesMiss: "not a kind of object that holds roles" };
  const answer = await ask(id, budget, read);
  if ("miss" in answer) return { privileged: "unknown", roles: [], rolesMiss: answer.miss };
  return { privileged: answer.found.length > 0 ? "yes" : "no", roles: [...answer.found] };
}

function isIdentity(entity: Entity): entity is Identity {
  return entity.kind === "principal" || entity.kind === "user" || entity.kind === "service-principal";
}

function questionAbout(entity: Identity): Question {
  if (entity.kind === "principal") return { about: entity.objectId, objectId: entity.objectId };
  const { objectId, name } = entity;
  if (objectId !== undefined) return { about: objectId, objectId };
  if (entity.kind === "user" && entity.upn !== undefined) return { about: entity.upn, upn: entity.upn };
  const id = entity.kind === "user" ? entity.sid : entity.appId;
  const about = id ?? name ?? entity.foundAt;
  const wanted = entity.kind === "user" ? "neither an object id nor a user principal name" : "no object id";
  return { about, none: `the alert gives ${wanted}` };
}

function distinct(questions: readonly Question[]): Question[] {
  return [...new Map(questions.map((question) => [question.about.toLowerCase(), question])).values()];
}

function byLowerCaseId(objects: ReadonlyMap<string, DirectoryObject>): Map<string, DirectoryObject> {
  return new Map([...objects].map(([id, object]) => [id.toLowerCase(), object]));
}
