const closing: Readonly<Record<string, string>> = { "(": ")", "[": "]", "{": "}" };

/** Whether a policy expression, `@(…)` or `@{…}`, starts here. */
export function startsExpression(text: string, at: number): boolean {
  return text[at] === "@" && (text[at + 1] === "(" || text[at + 1] === "{");
}

/**
 * Where the policy expression that starts at `at` ends (the index after it); undefined when its brackets never close.
 * Brackets in C# strings (plain, verbatim, interpolated), characters and comments do not count.
 */
export function expressionEnd(text: string, at: number): number | undefined {
  return balancedEnd(text, at + 1, 0);
}

/** Strings within the holes of strings, deeper than anybody writes: past it an expression counts as never closed. */
const maximumDepth = 50;

function balancedEnd(text: string, open: number, depth: number): number | undefined {
  if (depth > maximumDepth) return undefined;
  const expected: string[] = [];
  let at = open;
  while (at < text.length) {
    const after = tokenEnd(text, at, depth);
    if (after === undefined) return undefined;
    if (after > at) {
      at = after;
      continue;
    }
    const character = text[at] ?? "";
    const close = closing[character];
    if (close !== undefined) expected.push(close);
    else if (character === ")" || character === "]" || character === "}") {
      if (expected.pop() !== character) return undefined;
      if (expected.length === 0) return at + 1;
    }
    at += 1;
  }
  return undefined;
}

/** The end of the string, character or comment that starts here; `at` itself when none does; undefined when it never ends. */
function tokenEnd(text: string, at: number, depth: number): number | undefined {
  if (text.startsWith("//", at)) return lineEnd(text, at);
  if (text.startsWith("/*", at)) return after(text, "*/", at + 2);
  if (text[at] === "'") return quotedEnd(text, at, "'");
  const prefix = /^(?:\$@|@\$|@|\$)?"/.exec(text.slice(at, at + 3))?.[0];
  if (prefix === undefined) return at;
  const start = at + prefix.length;
  if (prefix.includes("$")) return interpolatedEnd(text, start, prefix.includes("@"), depth);
  return prefix.includes("@") ? verbatimEnd(text, start) : quotedEnd(text, at, '"');
}

function quotedEnd(text: string, open: number, quote: string): number | undefined {
  for (let at = open + 1; at < text.length; at += 1) {
    if (text[at] === "\\") at += 1;
    else if (text[at] === quote) return at + 1;
    else if (text[at] === "\n") return undefined;
  }
  return undefined;
}

function verbatimEnd(text: string, start: number): number | undefined {
  for (let at = start; at < text.length; at += 1) {
    if (text[at] !== '"') continue;
    if (text[at + 1] !== '"') return at + 1;
    at += 1;
  }
  return undefined;
}

function interpolatedEnd(text: string, start: number, verbatim: boolean, depth: number): number | undefined {
  for (let at = start; at < text.length; at += 1) {
    const character = text[at];
    const doubled = text[at + 1] === character;
    if (character === "\\" && !verbatim) at += 1;
    else if (character === '"') {
      if (!(verbatim && doubled)) return at + 1;
      at += 1;
    } else if (character === "{") {
      const hole = doubled ? at + 2 : balancedEnd(text, at, depth + 1);
      if (hole === undefined) return undefined;
      at = hole - 1;
    }
  }
  return undefined;
}

function lineEnd(text: string, at: number): number {
  const end = text.indexOf("\n", at);
  return end === -1 ? text.length : end;
}

function after(text: string, mark: string, from: number): number | undefined {
  const found = text.indexOf(mark, from);
  return found === -1 ? undefined : found + mark.length;
}
