import * as fc from "fast-check";
import { expect, it } from "vitest";
import {
  type FragmentEntry,
  readFragment,
  renderFragment,
  sameFragment,
} from "../../../shared/reconcile/fragment-document.ts";
import { fragmentEntries, fragmentEntry, numeric } from "../../support/arbitrary-fragment-entry.ts";

function entriesOf(xml: string): FragmentEntry[] {
  const read = readFragment(xml);
  if ("foreign" in read) throw new Error(read.foreign);
  return read.entries;
}

const keys = [
  "apiId",
  "by",
  "calls",
  "clientIp",
  "from",
  "header",
  "kind",
  "operationId",
  "periodSeconds",
  "scope",
  "seenAs",
  "subscriptionId",
  "to",
];

function asSet(entries: readonly FragmentEntry[]): Set<string> {
  return new Set(entries.map((entry) => JSON.stringify(entry, keys)));
}

it("reads back exactly the entries that were written, each once", () =>
  fc.assert(
    fc.property(fragmentEntries, (entries) => {
      const read = entriesOf(renderFragment([...entries, ...entries]));

      expect(asSet(read)).toEqual(asSet(entries));
      expect(read).toHaveLength(asSet(entries).size);
    }),
    { numRuns: 2_000 },
  ));

const shuffled = fragmentEntries.chain((entries) =>
  fc.tuple(fc.constant(entries), fc.shuffledSubarray(entries, { minLength: entries.length })),
);

it("is the same text whatever the order in which containments came", () =>
  fc.assert(
    fc.property(shuffled, ([entries, others]) => {
      expect(renderFragment(others)).toBe(renderFragment(entries));
    }),
    { numRuns: 1_000 },
  ));

it("lists the addresses of a scope by number", () =>
  fc.assert(
    fc.property(fc.array(fc.ipV4(), { minLength: 2, maxLength: 40 }), (addresses) => {
      const entries = addresses.map(
        (a) => ({ kind: "forbid-ip", scope: { kind: "service" }, from: a, to: a }) as const,
      );

      const listed = entriesOf(renderFragment(entries)).map((entry) =>
        entry.kind === "forbid-ip" ? numeric(entry.from) : -1,
      );

      expect(listed).toEqual([...new Set(addresses.map(numeric))].sort((a, b) => a - b));
    }),
  ));

/** What an id may look like in the policy. */
const plain = String.raw`(?:[\w.-]|\\u[0-9A-F]{4})+`;
const escaped = (text: string) => text.replace(/[.?()[\]"'|+]/g, "\\$&");
const lastEntry = `context\\.Request\\.Headers\\.GetValueOrDefault\\("${plain}", context\\.Request\\.IpAddress\\)${escaped(".Split(',').Last().Trim()")}`;
const client = `(?:context\\.Request\\.IpAddress|${lastEntry}${escaped(".Split(':').First()")})`;
const begins = `${client}\\.StartsWith\\("[\\d.]+"\\)`;
const octet = `"[\\d|]+"\\.Contains\\("\\|" \\+ ${client}\\.Split\\('\\.'\\)\\[[123]\\] \\+ "\\|"\\)`;
const condition = `@\\((?:${[
  `context\\.Api\\.Id == "${plain}"(?: && context\\.Operation\\.Id == "${plain}")?`,
  `${client} == "[\\d.]+"`,
  `${begins}(?: && ${octet})?`,
  `context\\.Subscription\\?\\.Id == "${plain}"`,
].join("|")})\\)`;
const who = `(?:endpoint|each-subscription|(?:subscription|each-header):${plain}|(?:client:[\\d.]+|each-client)(?::by:${plain})?)`;
const each = `(?:${[
  client,
  `\\(${lastEntry}${escaped('.Contains(".") ? ')}${lastEntry}${escaped(".Split(':').First() : ")}${lastEntry}${escaped(".Split(']').First())")}`,
  "context\\.Subscription\\?\\.Id",
  `context\\.Request\\.Headers\\.GetValueOrDefault\\("${plain}", ""\\)`,
].join("|")})`;
const key = `@\\("portcullis:${who}:(?:service|api:${plain}|operation:${plain}/${plain}):\\d+-per-\\d+(?:"|:" \\+ ${each})\\)`;
const allowedValue = new RegExp(`^(?:${condition}|${key}|[\\d.]+|forbid|Forbidden|portcullis-containments)$`);

it("lets nothing of an id into the policy but plain characters inside a literal", () =>
  fc.assert(
    fc.property(fragmentEntries, (entries) => {
      const xml = renderFragment(entries);

      expect(xml).toMatch(/^[\n -~]*$/);
      expect(xml).not.toMatch(/\{|\}/);
      for (const [, written = ""] of xml.matchAll(/="([^"]*)"/g))
        expect(written.replaceAll("&quot;", '"').replaceAll("&amp;", "&")).toMatch(allowedValue);
    }),
    { numRuns: 1_000 },
  ));

it("compares an id, in C#, with the very id that Azure gave", () =>
  fc.assert(
    fc.property(fragmentEntry, (entry) => {
      const [, literal] = /Api\.Id == &quot;(.*?)&quot;/.exec(renderFragment([entry])) ?? [];
      // The escapes in use mean the same in JSON as in C#.
      const id = literal === undefined ? undefined : JSON.parse(`"${literal}"`);

      expect(id).toBe(entry.scope.kind === "service" ? undefined : entry.scope.apiId);
    }),
    { numRuns: 1_000 },
  ));

it("never counts two limits on one counter", () =>
  fc.assert(
    fc.property(fragmentEntries, (entries) => {
      const xml = renderFragment(entries);
      const counters = [...xml.matchAll(/counter-key="@\(&quot;(.*?)&quot;/g)].map(([, key]) => JSON.parse(`"${key}"`));

      expect(new Set(counters).size).toBe(entriesOf(xml).filter(({ kind }) => kind === "limit-rate").length);
    }),
    { numRuns: 1_000 },
  ));

const rewrite: fc.Arbitrary<(xml: string) => string> = fc
  .shuffledSubarray<(xml: string) => string>([
    (xml) => xml.replace(/\n */g, (line) => `\n${"\t".repeat(line.length)}`),
    (xml) => xml.replace(/\n */g, ""),
    (xml) => xml.replace(/<([\w-]+)( [^<>]*)?\/>/g, "<$1$2></$1>"),
    (xml) => xml.replace(/<([\w-]+) ([\w-]+="[^"]*") ([\w-]+="[^"]*")/g, "<$1 $3 \n $2"),
    (xml) => xml.replaceAll("&quot;", "&#34;"),
    (xml) => xml.replaceAll("&quot;", "&#x22;"),
    (xml) =>
      xml.replace(
        /="([^"]*)"/g,
        (_, value: string) => `='${value.replaceAll("'", "&apos;").replaceAll("&quot;", '"')}'`,
      ),
    (xml) => xml.replaceAll("</", "<!-- <fragment> & --></"),
    (xml) => xml.replace(/<address>([^<]*)</g, "<address>\n  <![CDATA[$1]]>\n<"),
    (xml) => xml.replaceAll("\n", "\r\n"),
  ])
  .map((steps) => (xml) => steps.reduce((text, step) => step(text), xml));

it("is the same fragment in another hand", () =>
  fc.assert(
    fc.property(
      fragmentEntries,
      rewrite,
      fc.constantFrom("", "\uFEFF", '<?xml version="1.0"?>\r\n'),
      (entries, inOtherHand, start) => {
        const xml = renderFragment(entries);
        const rewritten = start + inOtherHand(xml);

        expect(sameFragment(rewritten, xml), rewritten).toBe(true);
        expect(entriesOf(rewritten)).toEqual(entriesOf(xml));
      },
    ),
    { numRuns: 1_000 },
  ));

it("is another fragment when any one letter or digit of it changes", () =>
  fc.assert(
    fc.property(fragmentEntries, fc.nat(), fc.constantFrom(..."07afzAQ"), (entries, position, letter) => {
      const xml = renderFragment(entries);
      const places = [...xml.matchAll(/[A-Za-z0-9]/g)].map(({ index }) => index);
      const at = places[position % places.length] ?? 0;
      fc.pre(xml[at] !== letter);

      expect(sameFragment(xml.slice(0, at) + letter + xml.slice(at + 1), xml)).toBe(false);
    }),
    { numRuns: 2_000 },
  ));

it("is another fragment when any one element of it is gone or moved", () =>
  fc.assert(
    fc.property(fragmentEntries, fc.nat(), (entries, position) => {
      const xml = renderFragment(entries);
      const leaves = [...xml.matchAll(/<[\w-]+[^<>]*\/>|<address>.*<\/address>/g)];
      const leaf = leaves[position % leaves.length];
      if (!leaf) throw new Error("there is always the marker");
      const without = xml.slice(0, leaf.index) + xml.slice(leaf.index + leaf[0].length);
      const moved = without.replace("</fragment>", `${leaf[0]}</fragment>`);

      expect(sameFragment(without, xml)).toBe(false);
      expect(sameFragment(moved, xml)).toBe(moved.replace(/\s/g, "") === xml.replace(/\s/g, ""));
    }),
    { numRuns: 1_000 },
  ));
