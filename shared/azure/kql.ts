/** Text that no Kusto query may hold: nothing that is looked for has it, so it was made to break out of its quotes. */
export class UnquotableText extends Error {
  override readonly name = "UnquotableText";
}

/** Far longer than any id or address that is asked for. */
const longest = 1024;

/**
 * A Kusto string literal. A backslash and the quote itself are escaped (https://learn.microsoft.com/kusto/query/scalar-data-types/string);
 * control characters and other invisible ones, which could end a line, are refused.
 */
export function quoteKql(text: string): string {
  if (text.length > longest) throw new UnquotableText(`a text of ${text.length} characters is not put into a query`);
  if (/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u.test(text)) {
    throw new UnquotableText("a text with control characters is not put into a query");
  }
  return `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}

/** A Kusto instant. Nothing but digits and their marks can be in it. */
export function instantKql(instant: Date): string {
  return `datetime(${instant.toISOString()})`;
}
