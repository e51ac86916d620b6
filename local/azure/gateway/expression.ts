import { type Token, tokenize } from "./expression-tokens.ts";
import { memoByText } from "./memo-by-text.ts";

/** What an expression may look at. */
interface ExpressionContext {
  apiId: string;
  operationId: string;
  ipAddress: string;
  method: string;
  /** Header names in lower case. */
  headers: ReadonlyMap<string, string>;
}

export type Expression =
  | { type: "string"; read(context: ExpressionContext): string }
  | { type: "bool"; read(context: ExpressionContext): boolean };

const maximumNesting = 100;

const properties: Readonly<Record<string, Expression>> = {
  true: { type: "bool", read: () => true },
  false: { type: "bool", read: () => false },
  "context.Api.Id": { type: "string", read: (context) => context.apiId },
  "context.Operation.Id": { type: "string", read: (context) => context.operationId },
  "context.Request.IpAddress": { type: "string", read: (context) => context.ipAddress },
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
  const expression = parseOr(parser);
  return parser.at === tokens.length ? expression : undefined;
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
  if (right?.type !== left.type) return undefined;
  return { type: "bool", read: (context) => (left.read(context) === right.read(context)) !== negated };
}

function parseSum(parser: Parser): Expression | undefined {
  const operands = parseChain(parser, "+", parseUnary);
  if (!operands || operands.length === 1) return operands?.[0];

  const texts = operands.filter((operand) => operand.type === "string");
  if (texts.length !== operands.length) return undefined;
  return { type: "string", read: (context) => texts.map((text) => text.read(context)).join("") };
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
  if (literal !== undefined) return { type: "string", read: () => literal };
  if (takeSign(parser, "(")) {
    const inner = parseOr(parser);
    return takeSign(parser, ")") ? inner : undefined;
  }

  const next = parser.tokens[parser.at];
  if (next?.kind !== "name") return undefined;
  parser.at += 1;
  if (next.value === "context.Request.Headers.GetValueOrDefault") return parseHeaderArguments(parser);
  return Object.hasOwn(properties, next.value) ? properties[next.value] : undefined;
}

function parseHeaderArguments(parser: Parser): Expression | undefined {
  if (!takeSign(parser, "(")) return undefined;
  const name = takeString(parser);
  if (name === undefined || !takeSign(parser, ",")) return undefined;
  const fallback = takeString(parser);
  if (fallback === undefined || !takeSign(parser, ")")) return undefined;
  return { type: "string", read: (context) => context.headers.get(name.toLowerCase()) ?? fallback };
}
