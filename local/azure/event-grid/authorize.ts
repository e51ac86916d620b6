import { createHash, timingSafeEqual } from "node:crypto";
import { PublishRefused } from "./publish-refused.ts";
import { type Topic, topicHost } from "./topic-options.ts";

/** By access key, or by an Entra token for `https://eventgrid.azure.net/`. SAS tokens are not simulated. Throws PublishRefused. */
export function authorize(
  topic: Topic,
  header: (name: string) => string | undefined,
  verifyAudience: ((bearer: string) => boolean) | undefined,
): void {
  const key = header("aeg-sas-key");
  const bearer = /^Bearer (.+)$/i.exec(header("authorization") ?? "")?.[1];
  if (key === undefined && bearer === undefined)
    throw new PublishRefused(
      "Unauthorized",
      "Request must contain one of the following authorization signature: aeg-sas-token, aeg-sas-key. " +
        "The simulator takes aeg-sas-key and Entra bearer tokens.",
    );

  const allowed = key === undefined ? bearer !== undefined && verifyAudience?.(bearer) : sameSecret(key, topic.key);
  if (!allowed)
    throw new PublishRefused(
      "Unauthorized",
      `The request authorization key is not authorized for ${topicHost(topic)}.`,
    );
}

function sameSecret(given: string, expected: string): boolean {
  const [left, right] = [given, expected].map((text) => createHash("sha256").update(text).digest());
  return left !== undefined && right !== undefined && timingSafeEqual(left, right);
}
