import type { Intake } from "../ledger/intake-journal.ts";
import { authenticate } from "./authenticate.ts";
import { fromBinaryMode } from "./binary-mode.ts";
import type { Door } from "./door.ts";
import { answerOptions, answerSubscriptionValidation, isSubscriptionValidation } from "./handshake.ts";
import { readJson } from "./read-json.ts";
import { refuse, type WebhookAnswer } from "./webhook-answer.ts";
import type { WebhookCall } from "./webhook-call.ts";

export interface WebhookParts {
  door: () => Promise<Door>;
  /** Records what became of each payload in a body; throws when it cannot. */
  receive: (body: unknown, from: string) => Promise<readonly Intake[]>;
  /** Hears why a call was answered with 503. */
  onFailure: (error: unknown) => void;
}

const retryAfterSeconds = "30";

/**
 * `POST /api/alerts` and `OPTIONS /api/alerts`. Whatever is well-formed is taken: a bad alert inside it is recorded as refused and
 * answered with 202 all the same, because Event Grid drops for good what it gets 400, 401, 403 or 413 for. What could not be recorded is
 * answered with 503, and comes again.
 */
export async function answerWebhook(
  call: WebhookCall,
  { door, receive, onFailure }: WebhookParts,
): Promise<WebhookAnswer> {
  try {
    // The handshakes too: Event Grid sends the query string and the token with every message.
    const verdict = await authenticate(call, await door());
    if ("refusal" in verdict) return verdict.refusal;
    if (call.method === "OPTIONS") return answerOptions(call);
    const read = await readJson(call);
    if ("refusal" in read) return read.refusal;
    if (isSubscriptionValidation(call)) return answerSubscriptionValidation(read.value);
    const intakes = await receive(fromBinaryMode(call, read.value), `webhook: ${verdict.caller}`);
    const body = intakes.map(({ eventId, outcome, reason, runId }) => ({
      eventId,
      outcome,
      reason,
      ...(runId === undefined ? {} : { runId }),
    }));
    return { status: 202, headers: { "content-type": "application/json" }, body };
  } catch (error) {
    onFailure(error);
    const detail = "What was sent is not recorded. Send it again later; the log has the reason.";
    return refuse(503, "Not available", detail, { "retry-after": retryAfterSeconds });
  }
}
