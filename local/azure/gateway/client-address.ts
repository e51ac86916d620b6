import { isIP } from "node:net";
import { getConnInfo } from "@hono/node-server/conninfo";
import type { Context } from "hono";

/** The simulator's own: every real peer is 127.0.0.1, so this header says on whose behalf a call is made. Azure has no such header. */
export const clientAddressHeader = "X-Simulated-Client-Ip";

/** The address that policies see; undefined when the header holds something else. */
export function readClientAddress(context: Context): string | undefined {
  const claimed = context.req.header(clientAddressHeader)?.trim() ?? peerAddress(context);
  const address = claimed.toLowerCase().replace(/^::ffff:(?=\d+\.)/, "");
  return isIP(address) > 0 ? address : undefined;
}

/** A request handed over in process has no socket behind it. */
function peerAddress(context: Context): string {
  const overSocket = typeof context.env === "object" && context.env !== null && "incoming" in context.env;
  return (overSocket ? getConnInfo(context).remote.address : undefined) ?? "127.0.0.1";
}
