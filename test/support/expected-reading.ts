import { expect } from "vitest";
import { Alert } from "../../shared/alerts/alert.ts";
import { alertKey } from "../../shared/alerts/alert-key.ts";
import type { Entity } from "../../shared/alerts/entity.ts";
import type { ReadPayload } from "../../shared/alerts/read-alert.ts";
import type { Fetch } from "../../shared/alerts/reading.ts";

/** Where a text of the alert stands in the payload: texts of others are pointed at, not copied. */
interface From {
  from: string;
}
type Text = string | From;

type WithPlaces<One extends Entity> = One extends Entity ? Omit<One, "foundAt"> & { at: readonly string[] } : never;
/** An entity and every place where it truly stands; whichever of them the reader came by is right. */
export type ExpectedEntity = WithPlaces<Entity>;

type References = { [Name in keyof Alert["references"]]?: Text };

export interface ExpectedAlert
  extends Omit<Alert, "key" | "title" | "description" | "references" | "entities" | "notes"> {
  title: Text | RegExp;
  description: Text | RegExp;
  references: References;
  /** Where the payload contradicts itself more than one set of references is right. */
  orReferences?: References;
  entities: readonly ExpectedEntity[];
  /** Bystanders that no rule demands and none forbids. */
  mayAlso?: readonly ExpectedEntity[];
  /** What the notes have to mention, and how many there may be; without this there are none. */
  notes?: { mention: readonly RegExp[]; atMost: number };
}

/** What one payload of a sample must become. */
export type ExpectedReading =
  | { alert: ExpectedAlert }
  | { fetch: Fetch }
  | { part: { alertId: string; kind: "info" | "evidence" } }
  | { ignored: RegExp }
  | { refused: RegExp; unknownShape?: boolean };

/** What stands at a path such as `value[0].Entities[2].Address` or `ExtendedProperties["Client IP"]`; JSON in a text is looked into. */
function valueAt(body: unknown, path: string): unknown {
  const steps = [...path.matchAll(/\["([^"]*)"\]|\[(\d+)\]|([^.[\]]+)/g)].map(
    ([, key, index, name]) => key ?? index ?? name ?? "",
  );
  let value = body;
  for (const step of steps) {
    if (typeof value === "string" && /^\s*[[{]/.test(value)) value = JSON.parse(value);
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, step)) return undefined;
    value = Reflect.get(value, step);
  }
  return value;
}

/** Compares the reading of one payload in `body` completely. */
export function compareReading({ reading }: ReadPayload, expected: ExpectedReading, body: unknown): void {
  if ("refused" in expected) {
    const { unknownShape } = expected;
    expect.soft(reading).toMatchObject({
      refused: expect.stringMatching(expected.refused),
      ...(unknownShape === undefined ? {} : { unknownShape }),
    });
  } else if ("ignored" in expected) {
    expect.soft(reading).toMatchObject({ ignored: expect.stringMatching(expected.ignored) });
  } else if ("fetch" in expected) {
    expect.soft(reading).toMatchObject(expected);
    // What is already there comes along, as it came.
    if ("fetch" in reading && "incident" in reading.fetch) expect.soft(reading.fetch.incident).toEqual(body);
  } else if ("part" in expected) {
    expect.soft(reading).toMatchObject({ part: { ...expected.part, record: body } });
  } else {
    if (!("alert" in reading)) expect.soft(reading).toHaveProperty("alert");
    else compareAlert(reading.alert, expected.alert, body);
  }
}

function compareAlert(actual: Alert, expected: ExpectedAlert, body: unknown): void {
  const { entities, notes, references, ...fields } = actual;
  const { entities: _1, mayAlso: _2, notes: _3, references: _4, orReferences, ...plain } = expected;
  const resolved = (text: Text | RegExp) => (text instanceof RegExp ? expect.stringMatching(text) : textOf(text, body));

  expect.soft(Alert.parse(actual)).toEqual(actual);
  expect.soft({ ...fields, techniques: fields.techniques.toSorted() }).toEqual({
    ...plain,
    key: alertKey(expected.source, expected.productId),
    title: resolved(expected.title),
    description: resolved(expected.description),
    techniques: expected.techniques.toSorted(),
  });
  const right = [expected.references, ...(orReferences ? [orReferences] : [])].map((one) => referencesOf(one, body));
  expect.soft(right, `the references ${JSON.stringify(references)}`).toContainEqual(references);
  compareEntities(entities, expected, body);
  expect.soft(notes.length, notes.join("\n")).toBeLessThanOrEqual(expected.notes?.atMost ?? 0);
  for (const mention of expected.notes?.mention ?? []) expect.soft(notes.join("\n")).toMatch(mention);
}

function compareEntities(entities: readonly Entity[], expected: ExpectedAlert, body: unknown): void {
  const allowed = new Map((expected.mayAlso ?? []).map((entity) => [wordsOf(entity), entity.at]));
  const demanded = new Map(expected.entities.map((entity) => [wordsOf(entity), entity.at]));
  const demandedOrNew = entities.map(wordsOf).filter((words) => demanded.has(words) || !allowed.has(words));

  expect.soft(demandedOrNew.toSorted()).toEqual(expected.entities.map(wordsOf).toSorted());
  for (const entity of entities) {
    const places = demanded.get(wordsOf(entity)) ?? allowed.get(wordsOf(entity));
    expect.soft(valueAt(body, entity.foundAt), `${entity.foundAt} is a place in the payload`).toBeDefined();
    // Nobody expected it, which is told above.
    if (!places) continue;
    // What is told of an object may be told of the field in it that says so.
    const objectAt = entity.foundAt.replace(/\.\w+$/, "");
    expect
      .soft(
        [entity.foundAt, objectAt].some((place) => places.includes(place)),
        `${wordsOf(entity)} found at ${entity.foundAt}, which is not ${places.join(" or ")}`,
      )
      .toBe(true);
  }
}

/** Kind, role and details, in one order whatever the order of keys. */
function wordsOf({
  at: _at,
  foundAt: _foundAt,
  ...entity
}: (ExpectedEntity & { foundAt?: string }) | (Entity & { at?: undefined })): string {
  return Object.entries(entity)
    .filter(([, value]) => value !== undefined)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${value}`)
    .join(" ");
}

function referencesOf(references: References, body: unknown): Alert["references"] {
  return Object.fromEntries(Object.entries(references).map(([name, text]) => [name, textOf(text, body)]));
}

/** Titles are cut at 256 characters, descriptions at 2048: no published sample is that long, so a cut is a mistake. */
function textOf(text: Text, body: unknown): string {
  if (typeof text === "string") return text;
  const value = valueAt(body, text.from);
  if (typeof value !== "string") throw new Error(`there is no text at ${text.from}`);
  return value.trim();
}
