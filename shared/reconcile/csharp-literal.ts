/**
 * The inside of a C# string literal. Ids come from Azure, where others name things: anything but plain characters becomes
 * \uXXXX, so that no quote, brace, `@(`, `{{name}}` (a named value), line end or XML ever stands in the policy's text.
 */
export function literal(text: string): string {
  return text.replace(/[^A-Za-z0-9._-]/g, (char) => `\\u${hex(char.charCodeAt(0))}`);
}

function hex(code: number): string {
  return code.toString(16).toUpperCase().padStart(4, "0");
}

export function readLiteral(literalText: string): string {
  return literalText.replace(/\\u([0-9A-F]{4})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
}
