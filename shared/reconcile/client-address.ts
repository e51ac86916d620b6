import { literal } from "./csharp-literal.ts";
import type { SeenAs } from "./fragment-entry.ts";

/**
 * Who calls, as C#. A proxy appends the peer that it saw itself to what the header already holds: so of a list only the last entry is
 * the proxy's word, and all before it is the caller's own claim, good for hiding or for getting somebody else blocked.
 * https://learn.microsoft.com/azure/application-gateway/how-application-gateway-works#modifications-to-the-request,
 * https://learn.microsoft.com/azure/frontdoor/front-door-http-headers-protocol
 * A call without the header came past the proxy, and then its peer is the caller.
 */
function lastEntry({ header }: SeenAs): string {
  return `context.Request.Headers.GetValueOrDefault("${literal(header)}", context.Request.IpAddress).Split(',').Last().Trim()`;
}

/** To compare with an IPv4 address: Application Gateway writes `address:port`. Of an IPv6 address a part is left that equals no IPv4 address. */
export function clientAddress(seenAs: SeenAs | undefined): string {
  return seenAs ? `${lastEntry(seenAs)}.Split(':').First()` : "context.Request.IpAddress";
}

/** To count by, so IPv6 addresses must stay apart: they come as `2001:db8::1`, or as `[2001:db8::1]:port`. */
export function clientKey(seenAs: SeenAs | undefined): string {
  if (!seenAs) return clientAddress(seenAs);
  const entry = lastEntry(seenAs);
  return `(${entry}.Contains(".") ? ${entry}.Split(':').First() : ${entry}.Split(']').First())`;
}
