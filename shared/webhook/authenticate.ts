import { createHash, timingSafeEqual } from "node:crypto";
import { checkToken } from "./check-token.ts";
import type { Door, WebhookSettings } from "./door.ts";
import { refuse, type WebhookAnswer } from "./webhook-answer.ts";
import type { WebhookCall } from "./webhook-call.ts";

type Verdict = { caller: string } | { refusal: WebhookAnswer };

const challenge = { "www-authenticate": "Bearer" };

/**
 * Who calls: by the key, or by a token of the tenant. Every credential that is shown must be good, so that nobody gets in with a bad
 * token and a good key. With neither of them configured nobody gets in. Throws when the keys to check a token with cannot be had.
 */
export async function authenticate(call: Pick<WebhookCall, "header" | "query">, door: Door): Promise<Verdict> {
  const { settings } = door;
  const expectedKey = settings.PORTCULLIS_WEBHOOK_KEY;
  const missing = missingForTokens(settings);
  if (expectedKey === undefined && missing.length > 0) {
    const detail = `Nobody can be let in. Set PORTCULLIS_WEBHOOK_KEY, or for tokens of Entra ${missing.join(", ")}.`;
    return { refusal: refuse(403, "The webhook is closed", detail) };
  }

  const authorization = call.header("authorization");
  const shownKeys = [call.header("x-portcullis-key"), call.query("key")].filter((key) => key !== undefined);
  if (authorization === undefined && shownKeys.length === 0) return unauthenticated(waysIn(expectedKey, missing));

  let caller = "key";
  if (authorization !== undefined) {
    if (missing.length > 0) return unauthenticated(`No token is taken here: ${missing.join(", ")} not set.`);
    const token = /^Bearer +([\w-]+\.[\w-]+\.[\w-]*)$/i.exec(authorization)?.[1];
    if (token === undefined) return unauthenticated("The Authorization header is not 'Bearer' and one token.");
    const checked = await checkToken(token, door);
    if ("fault" in checked) return unauthenticated(checked.fault);
    if ("stranger" in checked) return { refusal: refuse(403, "Not a known caller", checked.stranger) };
    caller = checked.caller;
  }
  if (shownKeys.length > 0 && expectedKey === undefined) {
    return unauthenticated("No key is taken here: PORTCULLIS_WEBHOOK_KEY is not set.");
  }
  const goodKeys = shownKeys.every((key) => expectedKey !== undefined && sameSecret(key, expectedKey));
  return goodKeys ? { caller } : unauthenticated("The key is not the one of PORTCULLIS_WEBHOOK_KEY.");
}

function missingForTokens(settings: WebhookSettings): string[] {
  return [
    settings.PORTCULLIS_WEBHOOK_TENANT ? [] : ["PORTCULLIS_WEBHOOK_TENANT"],
    settings.PORTCULLIS_WEBHOOK_AUDIENCE ? [] : ["PORTCULLIS_WEBHOOK_AUDIENCE"],
    settings.PORTCULLIS_WEBHOOK_CALLERS.length > 0 ? [] : ["PORTCULLIS_WEBHOOK_CALLERS"],
  ].flat();
}

function waysIn(key: string | undefined, missing: readonly string[]): string {
  const ways = [
    key === undefined ? [] : ["the key as x-portcullis-key or ?key="],
    missing.length > 0 ? [] : ["a token of the tenant as Authorization: Bearer"],
  ].flat();
  return `Send ${ways.join(", or ")}.`;
}

function unauthenticated(detail: string): { refusal: WebhookAnswer } {
  return { refusal: refuse(401, "Not authenticated", detail, challenge) };
}

/** Both are hashed first: neither the time that it takes nor an exception tells anything about the key, not even its length. */
function sameSecret(given: string, expected: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}
