import { describe, expect, it } from "vitest";
import { createReferences } from "../../../../shared/alerts/defender-for-cloud/references.ts";

const follow = (entities: unknown, candidate: unknown) => {
  const notes: string[] = [];
  const standing = createReferences([{ at: "Entities", value: entities }], notes).follow(candidate, "here");
  return { standing, notes };
};

describe("a reference", () => {
  it.each([
    ["as they are written", { $id: "3", Address: "203.0.113.7" }, { $ref: "3" }],
    ["in capitals", { $ID: "3", Address: "203.0.113.7" }, { $REF: "3" }],
    ["as numbers", { $id: 3, Address: "203.0.113.7" }, { $ref: 3 }],
    ["as a number and its text", { $id: 3, Address: "203.0.113.7" }, { $ref: "3" }],
    ["of Resource Manager", { $id: "centralus_3", Address: "203.0.113.7" }, { $ref: "centralus_3" }],
  ])("leads to its definition, ids %s", (_, definition, reference) => {
    expect(follow([{ $id: "2" }, definition], reference)).toEqual({
      standing: { object: definition, at: "Entities[1]" },
      notes: [],
    });
  });

  it("leads to a definition that stands inside of another entity, and says where", () => {
    const account = { $id: "5", Host: { $id: "6", HostName: "web-1", Nics: [{ $id: "7" }] } };

    expect(follow([account], { $ref: "6" }).standing).toEqual({ object: account.Host, at: "Entities[0].Host" });
    expect(follow([account], { $ref: "7" }).standing?.at).toBe("Entities[0].Host.Nics[0]");
  });

  it("leads to the first of two definitions with one id, in the order of the text", () => {
    const inner = { $id: "5", name: "inner" };
    const entities = [
      { $id: "4", inner },
      { $id: "5", name: "outer" },
    ];

    expect(follow(entities, { $ref: "5" }).standing?.object).toBe(inner);
  });

  it("leads to the definition among the first of several lists", () => {
    const entity = { $id: "2", name: "entity" };
    const identifier = { $id: "2", name: "identifier" };
    const lists = [
      { at: "Entities", value: [entity] },
      { at: "ResourceIdentifiers", value: [identifier] },
    ];

    expect(createReferences(lists, []).follow({ $ref: "2" }, "here")?.object).toBe(entity);
    expect(createReferences(lists.slice(1), []).follow({ $ref: "2" }, "here")?.at).toBe("ResourceIdentifiers[0]");
  });

  it("that leads nowhere is noted", () => {
    expect(follow([{ $id: "3" }], { $ref: "4" })).toEqual({
      standing: undefined,
      notes: ['here: $ref "4" leads nowhere, ignored'],
    });
  });

  it.each(["constructor", "__proto__", "toString", "hasOwnProperty"])("to %s leads nowhere", (id) => {
    expect(follow([{ $id: "3" }], { $ref: id }).standing).toBeUndefined();
  });

  it("leads on over further references", () => {
    const definition = { $id: "1", name: "it" };

    expect(follow([{ $id: "3", $ref: "2" }, { $id: "2", $ref: "1" }, definition], { $ref: "3" }).standing?.object).toBe(
      definition,
    );
  });

  it.each([
    ["itself", [{ $id: "1", $ref: "1" }]],
    [
      "two steps",
      [
        { $id: "1", $ref: "2" },
        { $id: "2", $ref: "1" },
      ],
    ],
    ["a long chain", Array.from({ length: 50 }, (_, at) => ({ $id: String(at), $ref: String(at + 1) }))],
  ])("ends where it leads in a circle or never arrives: %s", (_, entities) => {
    const { standing, notes } = follow(entities, { $ref: "1" });

    expect(standing).toBeUndefined();
    expect(notes).toEqual([expect.stringContaining("circle")]);
  });

  it("of a hostile id stays short and on one line in the note", () => {
    const { notes } = follow([], { $ref: `"\n${"x".repeat(1_000_000)}` });

    expect(notes).toHaveLength(1);
    expect(notes[0]?.length).toBeLessThan(100);
    expect(notes[0]).not.toContain("\n");
  });

  it("is found beside lists inside each other ten thousand times", () => {
    const bomb: unknown = JSON.parse("[".repeat(10_000) + "]".repeat(10_000));

    expect(follow([bomb, { $id: "3" }], { $ref: "3" }).standing?.at).toBe("Entities[1]");
  });
});

it.each([[undefined], [null], ["3"], [3], [[]]])("%j is nothing to follow, and nothing to note", (candidate) => {
  expect(follow([{ $id: "3" }], candidate)).toEqual({ standing: undefined, notes: [] });
});

it("an object without a reference stands for itself", () => {
  const object = { Address: "203.0.113.7" };

  expect(follow([], object)).toEqual({ standing: { object, at: "here" }, notes: [] });
});
