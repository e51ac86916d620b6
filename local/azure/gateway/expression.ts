import { type Token, tokenize } from "./expression-tokens.ts";
import { memoByText } from "./memo-by-text.ts";

/** What an expression may look at. */
interface ExpressionContext {
  apiId: string;
  operationId: string;
  ipAddress: string;
  method: string;
  /** Null for a call without a subscription. */
  subscriptionId: string | null;
  /** Header names in lower case. */
  headers: ReadonlyMap<string, string>;
}

export type Expression =
  /** Null where a member of null was asked for with `?.`. */
  | { type: "string"; read(context: ExpressionContext): string | null }
  | { type: "strings"; read(context: ExpressionContext): readonly string[] }
  | { type: "bool"; read(context: ExpressionContext): boolean };

const maximumNesting = 100;

const properties: Readonly<Record<string, Expression>> = {
  true: { type: "bool", read: () => true },
  false: { type: "bool", read: () => false },
  "context.Api.Id": { type: "string", read: (context) => context.apiId },
  "context.Operation.Id": { type: "string", read: (context) => context.operationId },
  "context.Request.IpAddress": { type: "string", read: (context) => context.ipAddress },
  "context.Subscription?.Id": { type: "string", read: (context) => context.subscriptionId },
  "context.Request.Method": { type: "string", read: (context) => context.method },
};

/**
 * Recognises the few C# forms that the simulator is sure of; undefined for everything else.
 * Types are checked here, as the C# compiler does when a policy is saved: what would not compile is not recognised.
 */
export const compileExpression = memoByText(1000, (source: string): Expression | undefined => {
  const tokens = tokenize(source);
  if (!tokens) return undefined;

  const parser = { tokens, at: 0, depth: 0 };
  const expression = parseConditional(parser);
  // A policy's attribute takes no array.
  return parser.at === tokens.length && expression?.type !== "strings" ? expression : undefined;
});

interface Parser {
  tokens: readonly Token[];
  at: number;
  depth: number;
}

type Parse = (parser: Parser) => Expression | undefined;

function takeSign(parser: Parser, sign: string): boolean {
  const next = parser.tokens[parser.at];
  if (next?.kind !== "sign" || next.value !== sign) return false;

  parser.at += 1;
  return true;
}

function takeString(parser: Parser): string | undefined {
  const next = parser.tokens[parser.at];
  if (next?.kind !== "string") return undefined;

  parser.at += 1;
  return next.value;
}

function takeChar(parser: Parser): string | undefined {
  const next = parser.tokens[parser.at];
  if (next?.kind !== "char") return undefined;

  parser.at += 1;
  return next.value;
}

function parseConditional(parser: Parser): Expression | undefined {
  const condition = parseOr(parser);
  if (!condition || !takeSign(parser, "?")) return condition;

  const whenTrue = parseOr(parser);
  if (condition.type !== "bool" || !takeSign(parser, ":")) return undefined;
  const whenFalse = parseOr(parser);
  if (whenTrue?.type !== "string" || whenFalse?.type !== "string") return undefined;
  return { type: "string", read: (context) => (condition.read(context) ? whenTrue : whenFalse).read(context) };
}

/** A chain is kept as a list, so that a condition over thousands of operations does not nest thousands of calls. */
function parseChain(parser: Parser, sign: string, parseOperand: Parse): Expression[] | undefined {
  const operands: Expression[] = [];
  do {
    const operand = parseOperand(parser);
    if (!operand) return undefined;
    operands.push(operand);
  } while (takeSign(parser, sign));
  return operands;
}

function parseOr(parser: Parser): Expression | undefined {
  const operands = parseChain(parser, "||", parseAnd);
  if (!operands || operands.length === 1) return operands?.[0];

  const conditions = operands.filter((operand) => operand.type === "bool");
  if (conditions.length !== operands.length) return undefined;
  return { type: "bool", read: (context) => conditions.some((condition) => condition.read(context)) };
}

function parseAnd(parser: Parser): Expression | undefined {
  const operands = parseChain(parser, "&&", parseEquality);
  if (!operands || operands.length === 1) return operands?.[0];

  const conditions = operands.filter((operand) => operand.type === "bool");
  if (conditions.length !== operands.length) return undefined;
  return { type: "bool", read: (context) => conditions.every((condition) => condition.read(context)) };
}

function parseEquality(parser: Parser): Expression | undefined {
  const left = parseSum(parser);
  const negated = takeSign(parser, "!=");
  if (!left || !(negated || takeSign(parser, "=="))) return left;

  // `a == b == c` is legal C# on booleans and nobody's policy: it is left unrecognised by not looping here.
  const right = parseSum(parser);
  if (right?.type !== left.type || left.type === "strings") return undefined;
  return { type: "bool", read: (context) => (left.read(context) === right.read(context)) !== negated };
}

function parseSum(parser: Parser): Expression | undefined {
  const operands = parseChain(parser, "+", parseUnary);
  if (!operands || operands.length === 1) return operands?.[0];

  const texts = operands.filter((operand) => operand.type === "string");
  if (texts.length !== operands.length) return undefined;
  return { type: "string", read: (context) => texts.map((text) => text.read(context) ?? "").join("") };
}

function parseUnary(parser: Parser): Expression | undefined {
  if (parser.depth >= maximumNesting) return undefined;
  parser.depth += 1;
  const expression = takeSign(parser, "!") ? negate(parseUnary(parser)) : parsePrimary(parser);
  parser.depth -= 1;
  return expression;
}

function negate(operand: Expression | undefined): Expression | undefined {
  return operand?.type === "bool" ? { type: "bool", read: (context) => !operand.read(context) } : undefined;
}

function parsePrimary(parser: Parser): Expression | undefined {
  const literal = takeString(parser);
  if (literal !== undefined) return parseMembers(parser, { type: "string", read: () => literal });
  if (takeSign(parser, "(")) {
    const inner = parseConditional(parser);
    return takeSign(parser, ")") && inner ? parseMembers(parser, inner) : undefined;
  }

  const next = parser.tokens[parser.at];
  if (next?.kind !== "name") return undefined;
  parser.at += 1;
  if (next.value === "context.Request.Headers.GetValueOrDefault") {
    const header = parseHeaderArguments(parser);
    return header && parseMembers(parser, header);
  }
  if (Object.hasOwn(properties, next.value)) {
    const property = properties[next.value];
    return property && parseMembers(parser, property);
  }
  // What stands before the last name may be a property, of which this is a method.
  const dot = next.value.lastIndexOf(".");
  const owner = next.value.slice(0, Math.max(dot, 0));
  const property = Object.hasOwn(properties, owner) ? properties[owner] : undefined;
  if (!property) return undefined;
  const result = callMember(parser, property, next.value.slice(dot + 1));
  return result && parseMembers(parser, result);
}

/** `.Split(',').Last().Trim()` and `[2]`, one after another. */
function parseMembers(parser: Parser, owner: Expression): Expression | undefined {
  let current: Expression | undefined = owner;
  while (current) {
    if (takeSign(parser, "[")) current = itemAt(parser, current);
    else if (takeSign(parser, ".")) {
      const name = parser.tokens[parser.at];
      if (name?.kind !== "name") return undefined;
      parser.at += 1;
      current = callMember(parser, current, name.value);
    } else return current;
  }
  return undefined;
}

function itemAt(parser: Parser, owner: Expression): Expression | undefined {
  const index = parser.tokens[parser.at];
  if (owner.type !== "strings" || index?.kind !== "number") return undefined;
  parser.at += 1;
  if (!takeSign(parser, "]")) return undefined;
  return { type: "string", read: (context) => owner.read(context)[Number(index.value)] ?? outOfRange() };
}

/** The methods of System.String and of arrays that policies use. */
function callMember(parser: Parser, owner: Expression, method: string): Expression | undefined {
  if (!takeSign(parser, "(")) return undefined;
  if (owner.type === "strings") {
    const at = { First: 0, Last: -1 }[method];
    if (at === undefined || !takeSign(parser, ")")) return undefined;
    return { type: "string", read: (context) => owner.read(context).at(at) ?? outOfRange() };
  }
  if (owner.type !== "string") return undefined;
  const text = (context: ExpressionContext) => owner.read(context) ?? outOfRange();
  switch (method) {
    case "Trim":
      return takeSign(parser, ")") ? { type: "string", read: (context) => text(context).trim() } : undefined;
    case "Split": {
      const separator = takeChar(parser);
      if (separator === undefined || !takeSign(parser, ")")) return undefined;
      return { type: "strings", read: (context) => text(context).split(separator) };
    }
    case "StartsWith":
    case "Contains": {
      const part = parseConditional(parser);
      if (part?.type !== "string" || !takeSign(parser, ")")) return undefined;
      const within = (whole: string, some: string) =>
        method === "Contains" ? whole.includes(some) : whole.startsWith(some);
      return { type: "bool", read: (context) => within(text(context), part.read(context) ?? outOfRange()) };
    }
    default:
      return undefined;
  }
}

/** What C# throws at run time; the gateway then answers 500. */
export class ExpressionFailed extends Error {
  override readonly name = "ExpressionFailed";
}

function outOfRange(): never {
  throw new ExpressionFailed("the expression asks for what is not there");
}

function parseHeaderArguments(parser: Parser): Expression | undefined {
  if (!takeSign(parser, "(")) return undefined;
  const name = takeString(parser);
  if (name === undefined || !takeSign(parser, ",")) return undefined;
  const fallback = parseConditional(parser);
  if (fallback?.type !== "string" || !takeSign(parser, ")")) return undefined;
  return { type: "string", read: (context) => context.headers.get(name.toLowerCase()) ?? fallback.read(context) };
}
