import { expressionEnd, startsExpression } from "./expression-end.ts";
import type { Encoding } from "./markup.ts";

/** The text is not well-formed. `message` ends with where, in the words of the XML reader of .NET, which Azure passes on. */
export class MarkupError extends Error {
  override name = "MarkupError";
}

/** Reads a document's characters from left to right. */
export interface Scanner {
  readonly text: string;
  at: number;
  ended(): boolean;
  looksAt(mark: string): boolean;
  /** Moves on when `mark` is next. */
  take(mark: string): boolean;
  skipSpace(): boolean;
  name(): string;
  /** The text up to `mark`, which is consumed too. */
  upTo(mark: string, what: string): string;
  /** Decoded text up to the next `<`. */
  characters(): string;
  /** A quoted attribute value, decoded. */
  attributeValue(): string;
  place(at?: number): { line: number; column: number };
  fail(message: string, at?: number): never;
}

const entities: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

// Names of XML 1.0 §2.3, as far as the first plane goes.
const start =
  ":A-Z_a-z\\u00c0-\\u00d6\\u00d8-\\u00f6\\u00f8-\\u02ff\\u0370-\\u037d\\u037f-\\u1fff\\u200c\\u200d\\u2070-\\u218f\\u2c00-\\u2fef\\u3001-\\ud7ff\\uf900-\\ufdcf\\ufdf0-\\ufffd";
const namePattern = new RegExp(`[${start}][${start}\\-.0-9\\u00b7\\u0300-\\u036f\\u203f\\u2040]*`, "y");

export function createScanner(source: string, encoding: Encoding): Scanner {
  // XML 1.0 §2.11: every line end is read as one line feed.
  const text = source.replace(/^\ufeff/, "").replace(/\r\n?/g, "\n");
  const lineStarts = [0, ...Array.from(text.matchAll(/\n/g), (match) => match.index + 1)];
  let at = 0;

  function place(where = at): { line: number; column: number } {
    let low = 0;
    let high = lineStarts.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((lineStarts[middle] ?? 0) <= where) low = middle;
      else high = middle;
    }
    return { line: low + 1, column: where - (lineStarts[low] ?? 0) + 1 };
  }

  function fail(message: string, where?: number): never {
    const { line, column } = place(where);
    throw new MarkupError(`${message} Line ${line}, position ${column}.`);
  }

  /** One entity, one raw expression or one run of plain characters; `plain` treats only the last. */
  function piece(isEnd: (character: string) => boolean, plain: (run: string) => string): string {
    const from = at;
    if (text[at] === "&") return entity();
    if (encoding === "rawxml" && startsExpression(text, at)) {
      at = expressionEnd(text, at) ?? fail("The policy expression is not closed: a bracket or a quote is missing.");
      return allowed(text.slice(from, at), from);
    }
    do at += 1;
    while (at < text.length && !isEnd(text[at] ?? "") && text[at] !== "&" && text[at] !== "@");
    return plain(allowed(text.slice(from, at), from));
  }

  function entity(): string {
    const [whole, body] = /^&(#x[0-9a-fA-F]+|#[0-9]+|[A-Za-z_:][\w:.-]*);/.exec(text.slice(at, at + 64)) ?? [];
    if (whole === undefined || body === undefined) fail("An error occurred while parsing EntityName.", at + 1);
    const known = body.startsWith("#") ? referenced(body) : entities[body];
    if (known === undefined) fail(`Reference to undeclared entity '${body}'.`, at + 1);
    at += whole.length;
    return known;
  }

  function referenced(body: string): string {
    const code = body.startsWith("#x") ? Number.parseInt(body.slice(2), 16) : Number.parseInt(body.slice(1), 10);
    if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) fail("Invalid value in a character reference.");
    return allowed(String.fromCodePoint(code), at);
  }

  /** XML 1.0 §2.2: most control characters cannot be written in any form. */
  function allowed(found: string, from: number): string {
    for (let index = 0; index < found.length; index += 1) {
      const code = found.charCodeAt(index);
      if ((code < 0x20 && code !== 0x9 && code !== 0xa && code !== 0xd) || code >= 0xfffe) {
        fail(`${described(found[index] ?? "")}, is an invalid character.`, from + index);
      }
    }
    return found;
  }

  return {
    text,
    get at() {
      return at;
    },
    set at(value) {
      at = value;
    },
    ended: () => at >= text.length,
    looksAt: (mark) => text.startsWith(mark, at),
    take(mark) {
      if (!text.startsWith(mark, at)) return false;
      at += mark.length;
      return true;
    },
    skipSpace() {
      const from = at;
      while (text[at] === " " || text[at] === "\n" || text[at] === "\t") at += 1;
      return at > from;
    },
    name() {
      namePattern.lastIndex = at;
      const found = namePattern.exec(text)?.[0];
      if (found === undefined) {
        if (at >= text.length) fail("Unexpected end of file has occurred.");
        fail(`Name cannot begin with the ${described(text[at] ?? "").replace(",", " character,")}.`);
      }
      at += found.length;
      return found;
    },
    upTo(mark, what) {
      const from = at;
      const end = text.indexOf(mark, at);
      if (end === -1) fail(`Unexpected end of file while parsing ${what} has occurred.`, text.length);
      at = end + mark.length;
      return allowed(text.slice(from, end), from);
    },
    characters() {
      const pieces: string[] = [];
      const isEnd = (character: string) => character === "<";
      while (at < text.length && !isEnd(text[at] ?? "")) pieces.push(piece(isEnd, (run) => run));
      return pieces.join("");
    },
    attributeValue() {
      const quote = text[at] ?? "";
      if (quote !== '"' && quote !== "'") fail(`'${quote}' is an unexpected token. The expected token is '"' or '''.`);
      at += 1;
      const pieces: string[] = [];
      const isEnd = (character: string) => character === quote || character === "<";
      while (text[at] !== quote) {
        if (at >= text.length) fail("There is an unclosed literal string.");
        if (text[at] === "<") fail(`${described("<")}, is an invalid attribute character.`);
        // XML 1.0 §3.3.3 reads white space in attributes as spaces; an expression typed over several lines keeps its lines.
        pieces.push(piece(isEnd, (run) => run.replace(/[\n\t]/g, " ")));
      }
      at += 1;
      return pieces.join("");
    },
    place,
    fail,
  };
}

function described(character: string): string {
  const code = character.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0");
  return `'${character}', hexadecimal value 0x${code}`;
}
