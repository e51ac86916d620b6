import type { WebhookCall } from "./webhook-call.ts";

/**
 * A CloudEvent in binary mode has its attributes in headers and nothing but the data in the body; put together it is a structured one.
 * https://github.com/cloudevents/spec/blob/main/cloudevents/bindings/http-protocol-binding.md#31-binary-content-mode
 */
export function fromBinaryMode({ header }: Pick<WebhookCall, "header">, body: unknown): unknown {
  const specversion = header("ce-specversion");
  if (specversion === undefined) return body;
  const attributes = ["id", "source", "type", "subject", "time"].flatMap((name) => {
    const value = header(`ce-${name}`);
    return value === undefined ? [] : [[name, value]];
  });
  return { specversion, ...Object.fromEntries(attributes), data: body };
}
