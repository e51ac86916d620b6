import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { loadPlaybooks } from "../../../shared/playbooks/load-playbooks.ts";
import { PlaybookError, parsePlaybook } from "../../../shared/playbooks/parse-playbook.ts";
import { responders } from "../../../shared/responders/responders.ts";

const good = `name: slow-caller
summary: Slow a caller down
when:
  source: defender-for-cloud
  types:
    - API_SpikeInLatency
steps:
  - responder: apim-limit-rate
    target: attacker-ip
    scope: api
    duration: PT1H
    with:
      calls: 30
      periodSeconds: 60
    because: It is far above its baseline
`;

const blocking = good
  .replace("apim-limit-rate", "firewall-block-ip")
  .replace("    scope: api\n", "")
  .replace("\n      calls: 30\n      periodSeconds: 60", " {}");

function fault(text: string, file = "playbooks/slow-caller.yaml"): PlaybookError {
  try {
    parsePlaybook(file, text, responders);
  } catch (error) {
    if (error instanceof PlaybookError) return error;
    throw error;
  }
  throw new Error("the playbook was taken");
}

it("fills in what may be left out", () => {
  expect(parsePlaybook("slow-caller.yaml", good, responders)).toMatchObject({
    when: { severity: "Informational" },
    steps: [{ mode: "enforce", with: { calls: 30, periodSeconds: 60 } }],
  });
});

it("takes no scope for a responder outside API Management", () => {
  expect(parsePlaybook("slow-caller.yaml", blocking, responders).steps).toEqual([
    expect.not.objectContaining({ scope: expect.anything() }),
  ]);
});

it("may leave out what it answers: then it is run by hand only", () => {
  const byHand = good.replace(/when:.*\n {4}- API_SpikeInLatency\n/s, "");

  expect(byHand).not.toBe(good);
  expect(parsePlaybook("slow-caller.yaml", byHand, responders)).not.toHaveProperty("when");
});

describe("a playbook that cannot be used is refused with file, line and path", () => {
  it.each([
    [
      "an unknown responder",
      ["apim-limit-rate", "apim-limit-rates"],
      /line 8, steps\.0\.responder: .*"apim-limit-rates"/,
    ],
    [
      "the responders that there are",
      ["apim-limit-rate", "mde-isolate"],
      new RegExp([...responders.keys()].join(", ")),
    ],
    ["an unknown target", ["target: attacker-ip", "target: host"], /line 9, steps\.0\.target: /],
    ["an unknown scope", ["scope: api", "scope: product"], /line 10, steps\.0\.scope: /],
    ["a month, which has no length", ["PT1H", "P1M"], /line 11, steps\.0\.duration: .*PT4H/],
    ["an unfinished duration", ["PT1H", "PT"], /line 11, steps\.0\.duration: /],
    ["a parameter out of range", ["calls: 30", "calls: 0"], /line 13, steps\.0\.with\.calls: /],
    [
      "a parameter that is no number",
      ["periodSeconds: 60", "periodSeconds: '60'"],
      /line 14, steps\.0\.with\.periodSeconds/,
    ],
    ["a period longer than API Management takes", ["periodSeconds: 60", "periodSeconds: 301"], /line 14, .*300/],
    ["a parameter nobody knows", ["calls: 30", "calls: 30\n      burst: 3"], /steps\.0\.with: .*burst/],
    ["a missing parameter", ["      periodSeconds: 60\n", ""], /steps\.0\.with\.periodSeconds: /],
    ["a field nobody knows", ["summary:", "sumary: x\nsummary:"], /line 1, the whole file: .*sumary/],
    ["another source", ["defender-for-cloud", "defender-for-clouds"], /line 4, when\.source: /],
    ["no alert type", ["\n    - API_SpikeInLatency", " []"], /line 5, when\.types: /],
    ["a severity nobody knows", ["  types:", "  severity: Critical\n  types:"], /line 5, when\.severity: /],
    ["no reason", ["    because: It is far above its baseline\n", ""], /steps\.0\.because: /],
    ["a name that is not the file's", ["slow-caller", "slow-callers"], /line 1, name: the file is called slow-caller/],
    ["a name with capitals", ["slow-caller", "SlowCaller"], /line 1, name: /],
    ["the same key twice", ["summary:", "name: again\nsummary:"], /line 2/],
    ["broken YAML", ["when:", "when: ["], /line \d+/],
    ["an alias, which playbooks have no use for", ["summary: Slow", "summary: &a Slow"], undefined],
  ] as const)("%s", (_, [from, to], expected) => {
    const text = good.replace(from, to);
    expect(text).not.toBe(good);
    if (expected === undefined) {
      expect(fault(text.replace("because: It", "because: *a\nx: It")).message).toContain("slow-caller.yaml");
      return;
    }
    const { message } = fault(text);

    expect(message).toMatch(expected);
    expect(message).toContain("playbooks/slow-caller.yaml");
  });

  it("a target that the responder does not take", () => {
    const text = good
      .replace("apim-limit-rate", "apim-block-ip")
      .replace("attacker-ip", "api-endpoint")
      .replace("calls: 30\n      periodSeconds: 60", "{}");

    expect(fault(text).message).toMatch(/line 9, steps\.0\.target: apim-block-ip takes attacker-ip/);
  });

  it("a scope that is missing, where the responder is one of the fragment", () => {
    expect(fault(good.replace("    scope: api\n", "")).message).toMatch(
      /line \d+, steps\.0\.scope: apim-limit-rate needs service, api or operation$/,
    );
  });

  it("a scope of a responder that covers no part of a service", () => {
    expect(fault(blocking.replace("duration:", "scope: api\n    duration:")).message).toMatch(
      /line 10, steps\.0\.scope: firewall-block-ip covers no part of a service: leave it out$/,
    );
  });

  it.each(["", "# nothing yet\n", "just words", "- a list", "name: a\n---\nname: b\n"])(
    "a file that reads %j",
    (text) => {
      expect(fault(text).message).toMatch(/slow-caller\.yaml.*(line 1|line 2|line 3)/s);
    },
  );

  it("each of several faults", () => {
    const text = good.replace("PT1H", "an hour").replace("scope: api", "scope: all");

    expect(fault(text).faults).toEqual(
      expect.arrayContaining([expect.stringContaining("steps.0.scope"), expect.stringContaining("steps.0.duration")]),
    );
  });
});

describe("a folder of playbooks", () => {
  const inFolder = async (files: Record<string, string>) => {
    const folder = mkdtempSync(join(tmpdir(), "portcullis-playbooks-"));
    try {
      for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
      return await loadPlaybooks(folder, responders);
    } finally {
      rmSync(folder, { recursive: true });
    }
  };

  it("is read by name, whatever else lies in it", async () => {
    const loaded = await inFolder({
      "b.yml": good.replace("slow-caller", "b"),
      "a.yaml": good.replace("slow-caller", "a"),
      "README.md": "# Playbooks",
    });

    expect(loaded.map(({ name }) => name)).toEqual(["a", "b"]);
  });

  it("with one bad file gives none", async () => {
    await expect(inFolder({ "slow-caller.yaml": good, "bad.yaml": "name: bad" })).rejects.toThrow(/bad\.yaml/);
  });

  it("that is empty is refused, for no alert would be answered", async () => {
    await expect(inFolder({ "README.md": "" })).rejects.toThrow(/no playbook/);
  });

  it("with two playbooks of one name is refused, for a run by hand could not choose", async () => {
    await expect(inFolder({ "slow-caller.yaml": good, "slow-caller.yml": good })).rejects.toThrow(/slow-caller/);
  });
});
