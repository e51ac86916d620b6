export type Token =
  | { kind: "string"; value: string }
  | { kind: "char"; value: string }
  | { kind: "number"; value: string }
  | { kind: "name"; value: string }
  | { kind: "sign"; value: string };

const token =
  /\s*(?:"((?:[^"\\\r\n]|\\.)*)"|'([^'\\\r\n])'|(\d{1,9})(?![\w.])|([A-Za-z_]\w*(?:\??\.[A-Za-z_]\w*)*)|(==|!=|&&|\|\||[!()+,.?:[\]]))/y;
const escapeSequence = /\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|x([0-9A-Fa-f]{1,4})|(.))/g;

const simpleEscapes: Readonly<Record<string, string>> = {
  "'": "'",
  '"': '"',
  "\\": "\\",
  "0": "\0",
  a: "\u0007",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
};

/** The tokens of the C# subset; undefined when anything else occurs, such as a verbatim string or a comment. */
export function tokenize(source: string): Token[] | undefined {
  const tokens: Token[] = [];
  const text = source.trimEnd();
  token.lastIndex = 0;
  for (let at = 0; at < text.length; at = token.lastIndex) {
    token.lastIndex = at;
    const match = token.exec(text);
    if (!match) return undefined;

    const [, literal, char, number, name, sign] = match;
    if (literal !== undefined) {
      const value = decodeEscapes(literal);
      if (value === undefined) return undefined;
      tokens.push({ kind: "string", value });
    } else if (char !== undefined) tokens.push({ kind: "char", value: char });
    else if (number !== undefined) tokens.push({ kind: "number", value: number });
    else if (name !== undefined) tokens.push({ kind: "name", value: name });
    else if (sign !== undefined) tokens.push({ kind: "sign", value: sign });
  }
  return tokens;
}

function decodeEscapes(literal: string): string | undefined {
  let valid = true;
  const value = literal.replace(
    escapeSequence,
    (_all, short?: string, long?: string, variable?: string, simple?: string) => {
      const codePoint = Number.parseInt(short ?? long ?? variable ?? "", 16);
      if (codePoint <= 0x10ffff) return String.fromCodePoint(codePoint);

      const character = simple === undefined ? undefined : simpleEscapes[simple];
      if (character === undefined) valid = false;
      return character ?? "";
    },
  );
  return valid ? value : undefined;
}
