const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const printable = /^[\t\x20-\x7e]*$/;
/** These describe the connection, which is the server's to do. */
const ofTheConnection = new Set([
  "connection",
  "content-length",
  "keep-alive",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/** Whether a policy's header can be put on the wire: policy text may hold anything, and must not crash the call. */
export function isSendableHeader(name: string, value: string): boolean {
  return token.test(name) && printable.test(value) && !ofTheConnection.has(name.toLowerCase());
}
