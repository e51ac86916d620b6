import type { SimulatedMachine } from "./endpoint-state.ts";

export type MachineFilter = (machine: SimulatedMachine) => boolean;

export class ODataProblem extends Error {
  override name = "ODataProblem";
}

/** The fields that may stand in `$filter`: https://learn.microsoft.com/defender-endpoint/api/get-machines */
const filterable = {
  computerDnsName: "text",
  id: "text",
  version: "text",
  deviceValue: "text",
  aadDeviceId: "guid",
  lastSeen: "time",
  exposureLevel: "text",
  onboardingStatus: "text",
  lastIpAddress: "text",
  healthStatus: "text",
  osPlatform: "text",
  riskScore: "text",
  rbacGroupId: "number",
} as const;
type Field = keyof typeof filterable;

const text = "'((?:[^']|'')*)'";
const startsWith = new RegExp(`^startswith\\(\\s*(\\w+)\\s*,\\s*${text}\\s*\\)`);
const anyTag = new RegExp(`^machineTags/any\\(\\s*(\\w+)\\s*:\\s*\\1\\s+eq\\s+${text}\\s*\\)`);
const comparison = new RegExp(`^(\\w+)\\s+(eq|ne|gt|ge|lt|le)\\s+(?:${text}|([^\\s'()]+))`);

/**
 * Reads a `$filter`: comparisons, `startswith` and `machineTags/any`, joined by `and`, and these by `or`. `not` and parentheses, which
 * OData has as well, are not played. Tags are always compared with their letter case.
 */
export function parseMachineFilter(filter: string, mindsLetterCase: boolean): MachineFilter {
  const spelt: Spell = mindsLetterCase ? (text) => text : (text) => text.toLowerCase();
  const any: MachineFilter[][] = [[]];
  let rest = filter.trim();
  for (;;) {
    const [clause, length] = parseClause(rest, spelt);
    any.at(-1)?.push(clause);
    rest = rest.slice(length);
    if (rest.trim() === "") return (machine) => any.some((clauses) => clauses.every((holds) => holds(machine)));
    const [joint, word] = /^\s+(and|or)\s+/.exec(rest) ?? [];
    if (joint === undefined) throw new ODataProblem(`Syntax error at '${rest.trim().slice(0, 40)}' in '${filter}'.`);
    if (word === "or") any.push([]);
    rest = rest.slice(joint.length);
  }
}

/** Text as it is compared. */
type Spell = (text: string) => string;

function parseClause(rest: string, spelt: Spell): [MachineFilter, number] {
  const prefix = startsWith.exec(rest);
  if (prefix) {
    const [all, name = "", quoted = ""] = prefix;
    const field = fieldOf(name);
    if (filterable[field] !== "text") throw new ODataProblem(`The function 'startswith' does not take '${name}'.`);
    const beginning = spelt(unquote(quoted));
    return [(machine) => spelt(String(machine[field] ?? "")).startsWith(beginning), all.length];
  }
  const tag = anyTag.exec(rest);
  if (tag) {
    const [all, , quoted = ""] = tag;
    return [({ machineTags }) => machineTags.includes(unquote(quoted)), all.length];
  }
  const found = comparison.exec(rest);
  if (!found) throw new ODataProblem(`Syntax error at '${rest.slice(0, 40)}'.`);
  const [all, name = "", operator = "", quoted, bare] = found;
  const field = fieldOf(name);
  const wanted = readLiteral(field, quoted, bare, spelt);
  return [(machine) => compare(comparable(field, machine[field], spelt), operator, wanted), all.length];
}

function fieldOf(name: string): Field {
  if (!Object.hasOwn(filterable, name)) throw new ODataProblem(`The property '${name}' cannot be used in $filter.`);
  return name as Field;
}

type Comparable = string | number | null;

function readLiteral(field: Field, quoted: string | undefined, bare: string | undefined, spelt: Spell): Comparable {
  const kind = filterable[field];
  if (bare === "null") return null;
  const raw = quoted === undefined ? bare : unquote(quoted);
  const wrong = new ODataProblem(`A binary operator with incompatible types was detected at '${field}': ${raw ?? ""}.`);
  // Identifiers are seen with quotes and without; times and numbers have none.
  if (raw === undefined || (kind === "text" && quoted === undefined)) throw wrong;
  if ((kind === "time" || kind === "number") && quoted !== undefined) throw wrong;
  if (kind === "guid" && !/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(raw)) throw wrong;
  const value = comparable(field, raw, spelt);
  if (typeof value === "number" && Number.isNaN(value)) throw wrong;
  return value;
}

function comparable(field: Field, value: string | number | null, spelt: Spell): Comparable {
  if (value === null) return null;
  switch (filterable[field]) {
    case "time":
      // The documentation's own example is a date with a zone: `lastSeen gt 2018-08-01Z`.
      return Date.parse(String(value).replace(/^(\d{4}-\d\d-\d\d)Z$/, "$1T00:00:00Z"));
    case "number":
      return Number(value);
    case "guid":
      return String(value).toLowerCase();
    case "text":
      return spelt(String(value));
  }
}

function compare(one: Comparable, operator: string, other: Comparable): boolean {
  if (operator === "eq") return one === other;
  if (operator === "ne") return one !== other;
  if (one === null || other === null) return false;
  if (operator === "gt") return one > other;
  if (operator === "ge") return one >= other;
  return operator === "lt" ? one < other : one <= other;
}

function unquote(text: string): string {
  return text.replaceAll("''", "'");
}
