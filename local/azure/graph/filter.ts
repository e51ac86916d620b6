import { badRequest } from "./graph-failure.ts";
import type { GraphResource } from "./state.ts";

/** What may be compared, and with what: an instant, any text, or one of these texts. */
export type Filterable = Readonly<Record<string, "instant" | "text" | readonly string[]>>;

type Test = (resource: GraphResource) => boolean;

const token = /\s*(?:([()])|'((?:[^']|'')*)'|([^\s()']+))/y;
const instant = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,12})?)?(Z|[+-]\d\d:\d\d)$/;

interface Token {
  text: string;
  quoted: boolean;
}

/** `$filter` as far as it is played: comparisons of one property with one value, `and`, `or`, brackets. No functions, no `not`. */
export function readFilter(filter: string, filterable: Filterable): Test {
  const tokens = tokenize(filter);
  let at = 0;
  const isNext = (word: string) => tokens[at]?.quoted === false && tokens[at]?.text.toLowerCase() === word;
  const take = (): Token => {
    const next = tokens[at++];
    if (!next) throw invalid(filter);
    return next;
  };

  function either(): Test {
    let test = both();
    while (isNext("or")) {
      at++;
      const [left, right] = [test, both()];
      test = (resource) => left(resource) || right(resource);
    }
    return test;
  }
  function both(): Test {
    let test = term();
    while (isNext("and")) {
      at++;
      const [left, right] = [test, term()];
      test = (resource) => left(resource) && right(resource);
    }
    return test;
  }
  function term(): Test {
    if (!isNext("(")) return comparison(take(), take(), take(), filterable, filter);
    at++;
    const test = either();
    if (!isNext(")")) throw invalid(filter);
    at++;
    return test;
  }

  const test = either();
  if (at !== tokens.length) throw invalid(filter);
  return test;
}

function comparison(property: Token, operator: Token, value: Token, filterable: Filterable, filter: string): Test {
  const kind = Object.hasOwn(filterable, property.text) ? filterable[property.text] : undefined;
  if (property.quoted || kind === undefined) {
    throw badRequest(`Invalid filter clause: the property '${property.text}' does not support $filter.`);
  }
  const read = (resource: GraphResource) => resource[property.text];
  if (kind === "instant") {
    if (value.quoted || !instant.test(value.text)) throw invalid(filter);
    const wanted = ticks(value.text);
    const order = orders.get(operator.text);
    if (!order) throw invalid(filter);
    return (resource) => order(ticks(String(read(resource))) - wanted);
  }
  if (!value.quoted || (operator.text !== "eq" && operator.text !== "ne")) throw invalid(filter);
  if (kind !== "text" && !kind.includes(value.text)) {
    throw badRequest(`Invalid filter clause: '${value.text}' is no value of '${property.text}'.`);
  }
  const wanted = value.text.toLowerCase();
  const equal = operator.text === "eq";
  return (resource) => (String(read(resource) ?? "").toLowerCase() === wanted) === equal;
}

const orders: ReadonlyMap<string, (difference: number) => boolean> = new Map([
  ["eq", (difference) => difference === 0],
  ["ne", (difference) => difference !== 0],
  ["gt", (difference) => difference > 0],
  ["ge", (difference) => difference >= 0],
  ["lt", (difference) => difference < 0],
  ["le", (difference) => difference <= 0],
]);

/** Milliseconds with the rest of the fraction behind the point: Graph's times have seven digits. */
function ticks(text: string): number {
  const [, fraction = ""] = /\.\d{3}(\d+)/.exec(text) ?? [];
  return Date.parse(text) + Number(`0.${fraction || "0"}`);
}

function tokenize(filter: string): Token[] {
  const tokens: Token[] = [];
  const end = filter.trimEnd().length;
  token.lastIndex = 0;
  while (token.lastIndex < end) {
    const match = token.exec(filter);
    if (!match) throw invalid(filter);
    const [, bracket, quoted, word] = match;
    tokens.push(
      quoted === undefined
        ? { text: bracket ?? word ?? "", quoted: false }
        : { text: quoted.replaceAll("''", "'"), quoted: true },
    );
  }
  return tokens;
}

function invalid(filter: string) {
  return badRequest(`Invalid filter clause: '${filter}' is not understood.`);
}
