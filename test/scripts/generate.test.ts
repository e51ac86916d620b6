import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { defenderForApis } from "../../scripts/generate/defender-for-apis.ts";
import { generatedFiles, generatedFolder } from "../../scripts/generate/generated-files.ts";
import { settingsPage } from "../../scripts/generate/settings-page.ts";
import { Settings } from "../../shared/config.ts";
import { responders } from "../../shared/responders/responders.ts";

const root = join(import.meta.dirname, "../..");
const folder = join(root, generatedFolder);
const files = await generatedFiles();

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

  it("asks a rate limit's step for its parameters", () => {
    const limit = {
      if: { properties: { responder: { const: "apim-limit-rate" } } },
      // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
      then: { required: ["with"], properties: { with: { required: ["calls", "periodSeconds"] } } },
    };

    expect(schema).toMatchObject({ properties: { steps: { items: { allOf: [{}, limit] } } } });
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
