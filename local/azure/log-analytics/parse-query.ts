/** A query that cannot be evaluated here, whether Kusto could or not. */
export class QueryProblem extends Error {
  override name = "QueryProblem";
  /** As the service names it: the text is no query, or it names something that is not there. */
  readonly kind: "SyntaxError" | "SemanticError";

  constructor(kind: QueryProblem["kind"], message: string) {
    super(message);
    this.kind = kind;
  }
}

export type Condition =
  | { column: string; operator: "==" | "=~"; text: string }
  | { column: string; operator: "between"; from: Date; until: Date };

export interface Aggregate {
  name: string;
  function: "count" | "min" | "max";
  /** `count` has none. */
  column: string | undefined;
}

export interface Query {
  table: string;
  conditions: Condition[];
  summarize: { aggregates: Aggregate[]; by: string[] } | undefined;
  top: { rows: number; by: string } | undefined;
}

interface Token {
  kind: "text" | "instant" | "name" | "number" | "mark";
  value: string;
}

const tokens =
  /\s+|"(?<text>(?:[^"\\\r\n]|\\["'\\])*)"|datetime\((?<instant>[0-9TZ:.-]+)\)|(?<name>[A-Za-z_]\w*)|(?<number>\d+)|(?<mark>==|=~|\.\.|[|=(),])/y;

/**
 * Reads the part of the Kusto Query Language that is played: one table; `where` with `==` and `=~` on text and `between` on instants;
 * `summarize` with count, min and max; `top … by … desc`. Everything else is refused, comments and other operators too.
 */
export function parseQuery(text: string): Query {
  const stream = tokenize(text);
  const query: Query = { table: stream.take("name"), conditions: [], summarize: undefined, top: undefined };
  while (!stream.atEnd()) {
    stream.take("mark", "|");
    const operator = stream.take("name");
    if (query.top) throw unplayed(`an operator after top`);
    if (operator === "where" && !query.summarize) query.conditions.push(readCondition(stream));
    else if (operator === "summarize" && !query.summarize) query.summarize = readSummarize(stream);
    else if (operator === "top") query.top = readTop(stream);
    else throw unplayed(`the operator ${operator} in this place`);
  }
  return query;
}

function readCondition(stream: Stream): Condition {
  const column = stream.take("name");
  const { kind, value } = stream.next() ?? { kind: "mark", value: "" };
  if (kind === "mark" && (value === "==" || value === "=~")) {
    return { column, operator: value, text: stream.take("text") };
  }
  if (kind !== "name" || value !== "between") throw unplayed("a condition other than ==, =~ and between");
  stream.take("mark", "(");
  const from = readInstant(stream.take("instant"));
  stream.take("mark", "..");
  const until = readInstant(stream.take("instant"));
  stream.take("mark", ")");
  return { column, operator: "between", from, until };
}

function readSummarize(stream: Stream): { aggregates: Aggregate[]; by: string[] } {
  const aggregates = readList(stream, () => {
    const name = stream.take("name");
    stream.take("mark", "=");
    const called = stream.take("name");
    if (called !== "count" && called !== "min" && called !== "max") throw unplayed(`the function ${called}`);
    stream.take("mark", "(");
    const column = called === "count" ? undefined : stream.take("name");
    stream.take("mark", ")");
    return { name, function: called, column } satisfies Aggregate;
  });
  stream.take("name", "by");
  return { aggregates, by: readList(stream, () => stream.take("name")) };
}

function readTop(stream: Stream): { rows: number; by: string } {
  const rows = Number(stream.take("number"));
  stream.take("name", "by");
  const by = stream.take("name");
  stream.take("name", "desc");
  return { rows, by };
}

function readList<T>(stream: Stream, one: () => T): T[] {
  const items = [one()];
  while (stream.peek()?.value === "," && stream.peek()?.kind === "mark") {
    stream.next();
    items.push(one());
  }
  return items;
}

function readInstant(text: string): Date {
  const instant = new Date(text);
  if (Number.isNaN(instant.getTime())) throw new QueryProblem("SyntaxError", `datetime(${text}) is no instant`);
  return instant;
}

interface Stream {
  peek(): Token | undefined;
  next(): Token | undefined;
  take(kind: Token["kind"], value?: string): string;
  atEnd(): boolean;
}

function tokenize(text: string): Stream {
  const found: Token[] = [];
  tokens.lastIndex = 0;
  while (tokens.lastIndex < text.length) {
    const at = tokens.lastIndex;
    const match = tokens.exec(text);
    if (!match) throw new QueryProblem("SyntaxError", `The query could not be parsed at character ${at}.`);
    for (const kind of ["text", "instant", "name", "number", "mark"] as const) {
      const value = match.groups?.[kind];
      if (value !== undefined) found.push({ kind, value: kind === "text" ? value.replace(/\\(.)/g, "$1") : value });
    }
  }
  let place = 0;
  return {
    peek: () => found[place],
    next: () => found[place++],
    take(kind, value) {
      const token = found[place++];
      if (token?.kind === kind && (value === undefined || token.value === value)) return token.value;
      throw new QueryProblem(
        "SyntaxError",
        `The query could not be parsed: ${value ?? `a ${kind}`} was expected where '${token?.value ?? "the end"}' stands.`,
      );
    },
    atEnd: () => place >= found.length,
  };
}

function unplayed(what: string): QueryProblem {
  return new QueryProblem("SyntaxError", `The simulated Log Analytics does not evaluate ${what}.`);
}
