const token =
  /"(?:[^"\\]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null|[{}[\],:]/y;

export interface JsonError {
  line: number;
  column: number;
  /** What JSON would have there. */
  expected: string;
}

type Expected = "a value" | "a value or ]" | "a key or }" | "a key" | ":" | ", or }" | ", or ]" | "the end";

/** Where a text stops being JSON, which JSON.parse tells for some mistakes only; undefined when it is JSON. */
export function locateJsonError(text: string): JsonError | undefined {
  const open: ("{" | "[")[] = [];
  let expected: Expected = "a value";
  let at = skipBlank(text, 0);
  while (at < text.length) {
    token.lastIndex = at;
    const found = token.exec(text)?.[0];
    const next: Expected | undefined = found === undefined ? undefined : follow(found, expected, open);
    if (found === undefined || next === undefined) return describe(text, at, expected);

    const control = found.split("").findIndex((character) => character < " ");
    if (control >= 0) return describe(text, at + control, "an escape such as \\n inside a string");
    expected = next;
    at = skipBlank(text, at + found.length);
  }
  return expected === "the end" ? undefined : describe(text, at, expected);
}

/** What may come after `found`; undefined when it may not stand here. Keeps the list of open brackets. */
function follow(found: string, expected: Expected, open: ("{" | "[")[]): Expected | undefined {
  const afterValue = (): Expected => {
    const outer = open.at(-1);
    if (outer === undefined) return "the end";
    return outer === "{" ? ", or }" : ", or ]";
  };
  const takesValue = expected === "a value" || expected === "a value or ]";

  switch (found) {
    case "{":
    case "[":
      if (!takesValue) return undefined;
      open.push(found);
      return found === "{" ? "a key or }" : "a value or ]";
    case "}":
      if (expected !== "a key or }" && expected !== ", or }") return undefined;
      open.pop();
      return afterValue();
    case "]":
      if (expected !== "a value or ]" && expected !== ", or ]") return undefined;
      open.pop();
      return afterValue();
    case ",":
      if (expected === ", or }") return "a key";
      return expected === ", or ]" ? "a value" : undefined;
    case ":":
      return expected === ":" ? "a value" : undefined;
  }
  if (takesValue) return afterValue();
  const takesKey = expected === "a key" || expected === "a key or }";
  return takesKey && found.startsWith('"') ? ":" : undefined;
}

function skipBlank(text: string, from: number): number {
  let at = from;
  while (" \t\r\n".includes(text[at] ?? "x")) at += 1;
  return at;
}

function describe(text: string, at: number, expected: string): JsonError {
  const lines = text.slice(0, at).split("\n");
  return { line: lines.length, column: (lines.at(-1) ?? "").length + 1, expected };
}
