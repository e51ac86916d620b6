import { refuse, type WebhookAnswer } from "./webhook-answer.ts";
import type { WebhookCall } from "./webhook-call.ts";

/** What Event Grid sends at most in one event or batch (https://learn.microsoft.com/azure/event-grid/quotas-limits). */
const mostBytes = 1024 * 1024;
const json = /^application\/(?:[a-z0-9.!#$&^_-]+\+)?json$/;

/** The body of a call, or why it cannot be read. Nothing is kept of a body that is too long. */
export async function readJson({
  header,
  body,
}: WebhookCall): Promise<{ value: unknown } | { refusal: WebhookAnswer }> {
  if (!isJson(header("content-type") ?? "")) {
    const detail =
      "Send application/json, application/cloudevents+json or application/cloudevents-batch+json in UTF-8.";
    return { refusal: refuse(415, "Not JSON", detail) };
  }
  const tooLong = {
    refusal: refuse(413, "Too long", `A body has at most ${mostBytes} bytes. Send fewer alerts at a time.`),
  };
  if (Number(header("content-length") ?? 0) > mostBytes) return tooLong;
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body ?? []) {
    size += chunk.length;
    if (size > mostBytes) return tooLong;
    chunks.push(chunk);
  }
  try {
    return { value: JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(Buffer.concat(chunks))) };
  } catch {
    return { refusal: refuse(400, "Not JSON", "The body is not one JSON value in UTF-8.") };
  }
}

function isJson(contentType: string): boolean {
  const [type = "", ...parameters] = contentType
    .toLowerCase()
    .split(";")
    .map((part) => part.trim());
  const charset = parameters.find((parameter) => parameter.startsWith("charset="))?.replace(/^charset="?|"$/g, "");
  return json.test(type) && (charset === undefined || charset === "utf-8" || charset === "utf8");
}
