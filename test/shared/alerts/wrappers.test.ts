import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readAlert, readAll } from "../../../shared/alerts/read-alert.ts";
import { undoWrappers } from "../../../shared/alerts/wrappers.ts";

type Json = Record<string, unknown>;

/** The wrappers alone: whatever has a `known` field is somebody's payload. */
const undo = (body: unknown) =>
  undoWrappers(body, (candidate) => (Object.hasOwn(candidate, "known") ? "a family" : undefined));
const known = { known: 1 };
const found = (at: string, payload: Json = known) => ({ at, payload, family: "a family" });

describe("a payload is found", () => {
  it.each<[string, unknown, string]>([
    ["by itself", known, ""],
    ["in a list", [known], "[0]"],
    ["in a list of Resource Manager", { value: [known], nextLink: "https://management.azure.com/next" }, "value[0]"],
    ["in a list of Graph", { "@odata.context": "c", "@odata.count": 1, value: [known] }, "value[0]"],
    ["in a list of Cloud Apps", { data: [known], hasNext: false, max: 1, total: 1, moreThanTotal: false }, "data[0]"],
    ["in an Event Hub's records", { records: [known] }, "records[0]"],
    ["in the output of a Logic App", { statusCode: 200, headers: { Date: "now" }, body: known }, "body"],
    ["under a name in other letter case", { Value: [known] }, "Value[0]"],
    ["in lists inside lists", [[known]], "[0][0]"],
    ["in text", JSON.stringify(known), ""],
    ["in text in a list", [JSON.stringify([known])], "[0][0]"],
    ["in the text of a body", { body: JSON.stringify({ value: [known] }) }, "body.value[0]"],
    ["in an event", { id: "1", eventType: "t", eventTime: "2026-11-23T09:15:00Z", data: known }, "data"],
    [
      "in a CloudEvent's base64",
      { specversion: "1.0", id: "1", type: "t", source: "s", data_base64: btoa(JSON.stringify(known)) },
      "data",
    ],
    [
      "beside what a query answers with",
      { totalRecords: 1, facets: [], resultTruncated: "false", data: [known] },
      "data[0]",
    ],
  ])("%s", (_, body, at) => {
    expect(undo(body)).toEqual([found(at)]);
  });

  it("in every list that an object holds", () => {
    expect(undo({ value: [known], records: [known] })).toEqual([found("value[0]"), found("records[0]")]);
  });
});

describe("a payload is left whole", () => {
  it.each(["value", "data", "records", "body", "alerts"])("though it has a field called %s", (name) => {
    const payload = { known: 1, [name]: [{ known: 2 }] };

    expect(undo(payload)).toEqual([found("", payload)]);
  });

  it("when nobody knows it nor what is inside", () => {
    const payload = { id: 7, title: "new product", data: { severity: "High" } };

    expect(undo(payload)).toEqual([{ at: "", payload }]);
    expect(readAlert(payload)).toMatchObject({
      refused: expect.stringContaining("id, title, data"),
      unknownShape: true,
    });
  });

  it("when it only carries somebody's words, which may look like an alert", () => {
    const mail = { id: 7, subject: "hello", body: JSON.stringify(known), data: [JSON.stringify(known)] };

    expect(undo(mail)).toEqual([{ at: "", payload: mail }]);
  });
});

describe("what cannot be read is told apart", () => {
  it.each<[unknown, string]>([
    [[], ""],
    [{ value: [] }, "value"],
    [{ "@odata.context": "c", Value: [] }, "Value"],
    [{ records: "[]" }, "records"],
  ])("%j holds nothing", (body, at) => {
    expect(undo(body)).toEqual([{ at, ignored: "an empty list" }]);
    expect(readAlert(body)).toEqual({ ignored: "an empty list" });
  });

  it.each([
    ["text that only looks like JSON", "{not json", "it is text that looks like JSON and is not"],
    ["text", "hello", "the payload is a string, not an object"],
    ["a number", 7, "the payload is a number, not an object"],
    ["null", null, "the payload is empty, not an object"],
    ["nothing", undefined, "the payload is empty, not an object"],
    [
      "an event with broken data",
      { id: "1", eventType: "t", eventTime: "t", data: "{" },
      "data is text that is not JSON",
    ],
  ])("%s is refused with its reason", (_, body, reason) => {
    expect(readAlert(body)).toEqual({ refused: reason });
  });

  it("more than 5000 payloads are cut off with one refusal, whatever they are in", () => {
    const many = Array.from({ length: 6000 }, () => known);

    for (const body of [many, { value: many }, [many.slice(0, 3000), many.slice(0, 3000)], many.map(() => [])]) {
      const payloads = undo(body);
      expect(payloads).toHaveLength(5001);
      expect(payloads.at(-1)).toMatchObject({ refused: expect.stringContaining("more than 5000 payloads") });
    }
  });

  it.each([
    ["lists", "[", "]"],
    ["wrappers", '{"value":', "}"],
    ["wrappers and lists", '[{"body":', "}]"],
  ])("ten thousand %s inside each other are refused, not followed", (_, open, close) => {
    const bomb: unknown = JSON.parse(`${open.repeat(10_000)}{}${close.repeat(10_000)}`);

    expect(undo(bomb)).toEqual([{ at: expect.any(String), refused: "lists and wrappers are nested more than 6 deep" }]);
  });

  it("text inside text inside text ends too", () => {
    let text = JSON.stringify([known]);
    for (let level = 0; level < 12; level++) text = JSON.stringify([text]);

    expect(undo(text)).toEqual([{ at: expect.any(String), refused: "lists and wrappers are nested more than 6 deep" }]);
  });
});

it("a megabyte of blanks, of brackets or of words is one refusal", () => {
  for (const text of [" ", "[", "{", "a", "[]"].map((unit) => unit.repeat(1_000_000 / unit.length))) {
    expect(readAll(text)).toEqual([expect.objectContaining({ reading: { refused: expect.any(String) } })]);
    expect(readAll({ body: text })).toHaveLength(1);
  }
});

it("names what stood there without repeating what could break out of a log line", () => {
  const reading = readAlert({ "a\nb\u202E<script>": 1 });

  expect(reading).toMatchObject({ refused: "no known alert family has these fields: a?b??script?" });
});

describe("any JSON", () => {
  const wrapper = fc.constantFrom(
    "value",
    "data",
    "records",
    "body",
    "alerts",
    "Value",
    "DATA",
    "id",
    "title",
    "known",
  );
  const { body } = fc.letrec((tie) => ({
    body: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      fc.jsonValue({ maxDepth: 1 }),
      fc.array(tie("body"), { maxLength: 3 }),
      fc.dictionary(wrapper, tie("body"), { maxKeys: 3 }),
      tie("body").map((inner) => JSON.stringify(inner)),
    ),
  }));

  it("is taken apart without an error, and everything of it is accounted for", async () => {
    let wrapped = 0;
    await fc.assert(
      fc.property(body, (value) => {
        const payloads = undo(value);
        if (payloads.some(({ at }) => at !== "")) wrapped++;

        expect(payloads.length).toBeGreaterThan(0);
        for (const payload of payloads)
          expect("payload" in payload || "refused" in payload || "ignored" in payload).toBe(true);
        expect(readAll(value).length).toBeGreaterThan(0);
      }),
      { numRuns: 500 },
    );
    expect(wrapped).toBeGreaterThan(50);
  });
});
