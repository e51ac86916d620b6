/** A token of RFC 9110, section 5.6.2, of a length that any proxy takes. */
const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,100}$/;

/** Whether this can be the name of a header field. */
export function isHeaderName(text: string): boolean {
  return token.test(text);
}
