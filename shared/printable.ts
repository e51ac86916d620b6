/**
 * JSON text with every character escaped that could begin a line of its own in a log or command the terminal that shows it:
 * JSON.stringify leaves U+0085, U+2028, the C1 controls and the marks that turn text around as they are.
 */
export function printableJson(value: unknown): string {
  return JSON.stringify(value).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, escaped);
}

function escaped(character: string): string {
  return Array.from(
    { length: character.length },
    (_, index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, "0")}`,
  ).join("");
}
