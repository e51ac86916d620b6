import { createHmac, timingSafeEqual } from "node:crypto";
import type { Clock } from "../../../shared/clock.ts";
import type { Identity } from "../identity.ts";
import { ArmError } from "../resource-manager/arm-error.ts";
import { type EventHubNamespace, namespaceHost } from "./event-hub-options.ts";
import { SendRefused } from "./send-refused.ts";

const audiences = ["https://eventhubs.azure.net", "https://eventhubs.azure.net/"];

/**
 * By an Entra token (the role Azure Event Hubs Data Sender is not asked for) or by a shared access signature, made as in
 * https://learn.microsoft.com/rest/api/eventhub/generate-sas-token. Throws SendRefused.
 */
export function authorizeSend(
  authorization: string | undefined,
  url: URL,
  { namespace, identity, clock }: { namespace: EventHubNamespace; identity: Identity; clock: Clock },
): void {
  if (authorization === undefined) throw new SendRefused(401, "MissingToken: The authorization header was not found.");
  if (/^Bearer /i.test(authorization)) {
    try {
      identity.authenticate(authorization, [...audiences, `https://${namespaceHost(namespace)}`]);
      return;
    } catch (error) {
      if (error instanceof ArmError) throw new SendRefused(401, `InvalidToken: ${error.message}`);
      throw error;
    }
  }
  const signature = /^SharedAccessSignature (.+)$/.exec(authorization)?.[1];
  if (signature === undefined) throw new SendRefused(401, "MalformedToken: The token is of no known kind.");
  const fields = new Map(signature.split("&").map((field) => split(field)));
  const [sr, sig, se, skn] = ["sr", "sig", "se", "skn"].map((name) => fields.get(name));
  if (sr === undefined || sig === undefined || !/^\d+$/.test(se ?? "") || skn === undefined)
    throw new SendRefused(401, "MalformedToken: A shared access signature has sr, sig, se and skn.");

  const policy = namespace.policies?.find(({ name }) => name === skn);
  const expected = createHmac("sha256", policy?.key ?? "")
    .update(`${sr}\n${se}`)
    .digest();
  const given = Buffer.from(decode(sig), "base64");
  if (!policy || given.length !== expected.length || !timingSafeEqual(given, expected))
    throw new SendRefused(401, "InvalidSignature: The token has an invalid signature.");
  if (Number(se) * 1000 <= clock.now().getTime())
    throw new SendRefused(401, `ExpiredToken: The token is expired. Expiration time: '${se}'.`);
  if (!covers(decode(sr), url))
    throw new SendRefused(401, "InvalidAudience: The authorization header contains a token for another resource.");
}

function split(field: string): [string, string] {
  const at = field.indexOf("=");
  return [field.slice(0, at), field.slice(at + 1)];
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new SendRefused(401, "MalformedToken: The token has a malformed percent-encoding.");
  }
}

/** A signature for the namespace is good for its hubs. The scheme (http, https, sb) does not count. */
function covers(resource: string, url: URL): boolean {
  const plain = resource
    .toLowerCase()
    .replace(/^[a-z]+:\/\//, "")
    .replace(/\/$/, "");
  const target = `${url.host}${url.pathname}`.toLowerCase();
  return target === plain || target.startsWith(`${plain}/`);
}
