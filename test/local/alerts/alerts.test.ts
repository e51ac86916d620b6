import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { alerts } from "../../../local/alerts.ts";
import { aPayload } from "../../support/an-alert.ts";

const fixtures = join(import.meta.dirname, "../../../local/scenarios/alerts");
const folder = mkdtempSync(join(tmpdir(), "portcullis-alerts-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function run(...args: string[]) {
  const out: string[] = [];
  const errors: string[] = [];
  const code = await alerts(args, { print: (line) => out.push(line), printError: (line) => errors.push(line) });
  return { code, out, text: out.join("\n"), errors: errors.join("\n") };
}

function aFile(name: string, content: string): string {
  const file = join(folder, name);
  writeFileSync(file, content);
  return file;
}

describe("npm run alerts", () => {
  it("shows the family, the alert, the roles and where each entity was found", async () => {
    const { code, text } = await run(join(fixtures, "api-parameter-enumeration.json"));

    expect(code).toBe(0);
    expect(text).toContain("(flat alert)");
    expect(text).toContain("defender-for-cloud · API_ParameterEnumeration · Medium · new");
    expect(text).toMatch(
      /attacker +ip: address 203\.0\.113\.66, class documentation +← ExtendedProperties\["Actor \(Client IP\)"\]/,
    );
    expect(text).toMatch(/victim +api-endpoint: method GET, host contoso-shop\.azure-api\.net, path \/orders\/1004/);
    expect(text).toMatch(/1 alert$/);
  });

  it("says why something is no alert, and exits 1 only for what was refused", async () => {
    const ignored = await run(join(fixtures, "continuous-export-with-assessments.json"));
    const refused = await run(join(fixtures, "graph-legacy-retired.json"));

    expect(ignored.code).toBe(0);
    expect(ignored.text).toMatch(/ignored: .*assessment/);
    expect(ignored.text).toMatch(/1 no alert, 1 alert$/);
    expect(refused.code).toBe(1);
    expect(refused.text).toMatch(/REFUSED: .*alerts_v2/);
  });

  it("puts the records of an XDR stream alert in one file together", async () => {
    const { code, text } = await run(join(fixtures, "xdr-stream.json"));

    expect(code).toBe(0);
    expect(text).toMatch(/xdr-stream\.json \(4 records\)/);
    expect(text).toMatch(/1 alert$/);
  });

  it("reads thousands of alerts out of JSON Lines, each under its line", async () => {
    const lines = Array.from({ length: 3_000 }, (_, index) =>
      JSON.stringify(aPayload({ SystemAlertId: `alert-${index}` })),
    );
    const file = aFile("many.jsonl", `${lines.join("\n")}\n\n`);

    const { code, out } = await run("--json", file);

    expect(code).toBe(0);
    expect(out).toHaveLength(3_000);
    expect(JSON.parse(out[2_999] ?? "")).toMatchObject({
      where: `${file}:3000`,
      family: "flat alert",
      alert: { productId: "alert-2999" },
    });
  });

  it("takes JSON Lines under another name for what they are", async () => {
    const file = aFile("lines.log", `${JSON.stringify(aPayload())}\r\n${JSON.stringify(aPayload())}`);

    expect((await run("--quiet", file)).text).toBe("2 alerts");
  });

  it("names the place in a list", async () => {
    const file = aFile("list.json", JSON.stringify([aPayload(), { brandNew: 1 }]));

    expect((await run("--quiet", file)).text).toContain(`${file} [1]  (unknown)`);
  });

  it("goes on after a line that is no JSON, and exits 2", async () => {
    const file = aFile("broken.jsonl", `${JSON.stringify(aPayload())}\n{"a": }\n${JSON.stringify(aPayload())}\n`);

    const { code, text, errors } = await run("--quiet", file);

    expect(code).toBe(2);
    expect(text).toBe("2 alerts");
    expect(errors).toBe(`${file}:2 is not JSON: expected a value at line 1, column 7`);
  });

  it.each([
    ["no file", [], "Name at least one file."],
    ["an option that is none", ["--yaml"], "--yaml"],
    ["two ways to print", ["--json", "--quiet", "x"], "exclude each other"],
  ])("says how it is used for %s", async (_, args, fault) => {
    const { code, errors } = await run(...args);

    expect(code).toBe(2);
    expect(errors).toContain(fault);
    expect(errors).toContain("npm run alerts -- FILE…");
  });

  it.each([
    ["a file that is not there", join(folder, "missing.json"), /there is no such file/],
    ["a folder", folder, /it is a folder/],
    ["an empty file", "empty", /is not JSON: expected a value at line 1, column 1/],
    ["what is no text", "binary", /is not JSON/],
  ])("exits 2 and names %s", async (_, name, fault) => {
    const file = name.startsWith("/") ? name : aFile(name, name === "binary" ? "\u0000\u0001\ufffd" : "");

    const { code, errors } = await run(file);

    expect(code).toBe(2);
    expect(errors).toMatch(fault);
  });

  it("sends no command to the terminal, whatever an alert says", async () => {
    const evil = "\u001b[2J\u009b31m\u202e\r\n[error] FORGED";
    const file = aFile(
      "evil.json",
      JSON.stringify(aPayload({ AlertDisplayName: evil, AlertType: `x${evil}`, [evil]: 1 })),
    );

    const { out } = await run("--shapes", file);

    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
    expect(out.join("")).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028-\u202e]/);
    expect(out.some((line) => line.startsWith("[error]"))).toBe(false);
  });
});

describe("--shapes", () => {
  it("names the fields that no capture of the shape has shown, with how often they occur", async () => {
    const odd = (extra: Record<string, unknown>) => JSON.stringify(aPayload(extra));
    const file = aFile("shapes.jsonl", [odd({ NewField: { inside: 1 } }), odd({ NewField: 2 }), odd({})].join("\n"));

    const { text } = await run("--quiet", "--shapes", file);

    expect(text).toContain("flat alert: 3 payloads, 2 fields not seen before");
    expect(text).toMatch(/^ {2}newfield {2}in 2$/m);
    expect(text).toMatch(/^ {2}newfield\.inside {2}in 1$/m);
  });

  it("finds nothing new in the fixtures, whose insides may differ from alert to alert", async () => {
    const files = ["arm-key-vault-access-from-tor", "log-analytics-brute-force", "graph-ransomware", "xdr-stream"];

    const { text } = await run("--quiet", "--shapes", ...files.map((name) => join(fixtures, `${name}.json`)));

    expect(text.match(/0 fields not seen before/g)).toHaveLength(4);
  });
});
