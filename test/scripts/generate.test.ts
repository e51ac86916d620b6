import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { defenderForApis } from "../../scripts/generate/defender-for-apis.ts";
import { generatedFiles, generatedFolder } from "../../scripts/generate/generated-files.ts";
import { settingsPage } from "../../scripts/generate/settings-page.ts";
import { Settings } from "../../shared/config.ts";
import { responders } from "../../shared/responders/responders.ts";

const root = join(import.meta.dirname, "../..");
const folder = join(root, generatedFolder);
const files = await generatedFiles();

const PlaybookSchema = z.looseObject({
  properties: z.looseObject({
    steps: z.looseObject({
      items: z.looseObject({
        allOf: z.array(
          z.object({
            if: z.looseObject({ properties: z.object({ responder: z.object({ const: z.string() }) }) }),
            // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
            then: z.looseObject({
              required: z.array(z.string()),
              properties: z.object({ target: z.unknown(), with: z.unknown(), scope: z.unknown().optional() }),
            }),
          }),
        ),
      }),
    }),
  }),
});

/** The cells of the first table's row that begins with `first`. */
function row(page: string | undefined, first: string): string[] | undefined {
  const line = page?.split("\n").find((candidate) => candidate.startsWith(`| \`${first}\` |`));
  return line?.split("|").map((cell) => cell.trim());
}

describe("docs/generated", () => {
  it("holds what the generator makes, and nothing else", () => {
    const there = new Map(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), "utf8")]));

    expect([...there.keys()].sort()).toEqual([...files.keys()].sort());
    expect(there).toEqual(files);
  });

  it("is the same when it is made again", async () => {
    expect(await generatedFiles()).toEqual(files);
  });
});

describe("the coverage table", () => {
  it("has all 12 alert types of Defender for APIs", () => {
    expect(new Set(defenderForApis.map(({ type }) => type)).size).toBe(12);
  });

  it.each(defenderForApis)("names a playbook and its steps for $type", ({ type }) => {
    const [, , , , playbook, steps] = row(files.get("playbooks.md"), type) ?? [];

    expect(playbook).toMatch(/^\[api-[a-z-]+\]\(#api-[a-z-]+\)$/);
    expect(steps).toMatch(/^apim-/);
  });
});

describe("the JSON Schema of playbooks", () => {
  const schema: unknown = JSON.parse(files.get("playbook.schema.json") ?? "");

  it("offers the responders that there are", () => {
    const responder = { enum: [...responders.keys()] };

    expect(schema).toMatchObject({ properties: { steps: { items: { properties: { responder } } } } });
  });

  /** What it asks of the steps of each responder. */
  const rules = PlaybookSchema.parse(schema).properties.steps.items.allOf;
  const asked = new Map(rules.map(({ if: { properties }, then }) => [properties.responder.const, then]));

  it("asks a rate limit's step for its parameters", () => {
    expect(asked.get("apim-limit-rate")).toMatchObject({
      required: ["scope", "with"],
      properties: { with: { required: ["calls", "periodSeconds"] } },
    });
  });

  it.each([...responders.values()])("knows what the steps of $id may name", ({ id, point, selectors }) => {
    const then = asked.get(id);

    expect(asked.size).toBe(responders.size);
    expect(then?.properties.target).toEqual({ enum: [...selectors] });
    // A step has a scope exactly where the fragment holds it.
    expect(then?.required.includes("scope")).toBe(point === "apim-fragment");
    expect(then?.properties.scope).toBe(point === "apim-fragment" ? undefined : false);
  });

  it.each(readdirSync(join(root, "playbooks")))("is named in the first line of %s", (file) => {
    const [first] = readFileSync(join(root, "playbooks", file), "utf8").split("\n");

    expect(first).toBe(`# yaml-language-server: $schema=../${generatedFolder}/playbook.schema.json`);
  });
});

it.each(Object.keys(Settings.shape))("the settings' table has %s, with a meaning", (name) => {
  const [, , initially, meaning] = row(settingsPage(), name) ?? [];

  expect(initially).toBeTruthy();
  expect(meaning).toBeTruthy();
});
