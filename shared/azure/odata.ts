/**
 * A text as an OData string literal: a quote within it is doubled
 * (https://docs.oasis-open.org/odata/odata/v4.01/odata-v4.01-part2-url-conventions.html).
 */
export function odataText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
