import type { Alert } from "../alerts/alert.ts";
import type { Entity } from "../alerts/entity.ts";
import { type Directory, type DirectoryObject, isObjectId, isUserPrincipalName } from "../azure/directory.ts";
import type { IdentityFact } from "../playbooks/facts.ts";
import { attackersFirst } from "./attackers-first.ts";
import { ask, askAbout, type Budget, type Cache, createCache, keep, type LookUp, Miss } from "./look-up.ts";

type Identity = Extract<Entity, { kind: "principal" | "user" | "service-principal" }>;
type DirectoryReads = Pick<Directory, "resolve" | "findUser" | "roles">;

type Kind = DirectoryObject["kind"];
type HeldRoles = Pick<IdentityFact, "holdsDirectoryRole" | "roles" | "rolesMiss">;

/** What there is to ask the directory about, by which kind of id; or why there is nothing. */
type Question = { about: string } & ({ by: "objectId" | "upn" } | { by: "nothing"; why: string });

const limit = 10;

/** Looks up who the users and principals of an alert are: an object id alone may be a user, a service principal or a managed identity. */
export function createIdentityLookUp(directory: DirectoryReads, budget: Budget) {
  const objects: Cache<DirectoryObject | undefined> = createCache(budget.clock);
  const roles: Cache<string[]> = createCache(budget.clock);

  return (alert: Alert): Promise<LookUp<IdentityFact>> => {
    const questions = distinct(attackersFirst(alert.entities.filter(isIdentity)).map(questionAbout));
    const ids = questions.slice(0, limit).flatMap(({ by, about }) => (by === "objectId" ? about : []));
    const begun = budget.clock.now().getTime();
    // One request for all that are not known yet.
    let batch: Promise<Map<string, DirectoryObject>> | undefined;
    const resolve = async (id: string) => {
      batch ??= directory.resolve(ids).then(byLowerCaseId);
      return (await batch).get(id.toLowerCase());
    };
    const objectOf = async (question: Question): Promise<DirectoryObject> => {
      if (question.by === "nothing") throw new Miss(question.why);
      const { by, about } = question;
      const object = await keep(objects, keyOf(question), () =>
        by === "upn" ? directory.findUser(about) : resolve(about),
      );
      if (object) return object;
      const wanted = by === "upn" ? "user of that name" : "user or service principal of that id";
      throw new Miss(`the directory knows no ${wanted}`);
    };
    const identify = async (question: Question): Promise<IdentityFact> => {
      const { id, kind, displayName, upn, appId, enabled, synced } = await objectOf(question);
      const left = begun + budget.budgetMs - budget.clock.now().getTime();
      // A slow answer about the roles must not cost what is already known.
      const held = await rolesOf(id, kind, { clock: budget.clock, budgetMs: Math.floor(left * 0.75) }, (holder) =>
        keep(roles, id.toLowerCase(), () => directory.roles(id, holder)),
      );
      return { id, kind, displayName, upn, appId, enabled, synced, ...held };
    };
    return askAbout(questions, { limit, noun: "user or principal" }, (question) =>
      ask(question.about, budget, () => identify(question)),
    );
  };
}

/** Any directory role counts: which of them are harmless changes with Entra. That none was seen is never said to mean that there is none. */
async function rolesOf(
  id: string,
  kind: Kind,
  budget: Budget,
  read: (holder: Exclude<Kind, "other">) => Promise<string[]>,
): Promise<HeldRoles> {
  const unknown: HeldRoles = { holdsDirectoryRole: "unknown", roles: [] };
  if (kind === "other") return { ...unknown, rolesMiss: "not a kind of object that holds roles" };
  const answer = await ask(id, budget, () => read(kind));
  if ("miss" in answer) return { ...unknown, rolesMiss: answer.miss };
  const holdsDirectoryRole = answer.found.length > 0 ? "yes" : "none-seen";
  return { holdsDirectoryRole, roles: [...answer.found], rolesMiss: unseenRoles(kind) };
}

/** What directory.roles does not see; and an application needs no role to take a tenant over, permissions do as well. */
function unseenRoles(kind: Kind): string {
  const unseen = "not seen: roles that may only be activated, custom roles that a group holds";
  return kind === "user" || kind === "guest" ? unseen : `${unseen}, what its application permissions allow`;
}

function isIdentity(entity: Entity): entity is Identity {
  return entity.kind === "principal" || entity.kind === "user" || entity.kind === "service-principal";
}

function questionAbout(entity: Identity): Question {
  if (entity.kind === "principal") return aboutId(entity.objectId);
  const { objectId, name } = entity;
  if (objectId !== undefined) return aboutId(objectId);
  if (entity.kind === "user" && entity.upn !== undefined) return aboutName(entity.upn);
  const id = entity.kind === "user" ? entity.sid : entity.appId;
  const about = id ?? name ?? entity.foundAt;
  const wanted = entity.kind === "user" ? "neither an object id nor a user principal name" : "no object id";
  return { about, by: "nothing", why: `not asked: the alert gives ${wanted}` };
}

function aboutId(about: string): Question {
  return isObjectId(about)
    ? { about, by: "objectId" }
    : { about, by: "nothing", why: "not asked: that is no object id" };
}

function aboutName(about: string): Question {
  return isUserPrincipalName(about)
    ? { about, by: "upn" }
    : { about, by: "nothing", why: "not asked: that is no user principal name" };
}

/** The first of each, so that a bystander never stands for the attacker. What cannot be asked comes last: it takes nobody's place. */
function distinct(questions: readonly Question[]): Question[] {
  const first = new Map<string, Question>();
  for (const question of questions) if (!first.has(keyOf(question))) first.set(keyOf(question), question);
  const all = [...first.values()];
  return [...all.filter(({ by }) => by !== "nothing"), ...all.filter(({ by }) => by === "nothing")];
}

function keyOf({ by, about }: Question): string {
  return `${by} ${about.toLowerCase()}`;
}

function byLowerCaseId(objects: ReadonlyMap<string, DirectoryObject>): Map<string, DirectoryObject> {
  return new Map([...objects].map(([id, object]) => [id.toLowerCase(), object]));
}
