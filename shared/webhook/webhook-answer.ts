/** An answer to a caller of the webhook, free of any framework. */
export interface WebhookAnswer {
  status: number;
  headers: Readonly<Record<string, string>>;
  /** Sent as JSON; undefined for no body. */
  body?: unknown;
}

/** An error as RFC 9457 problem details. */
export function refuse(
  status: number,
  title: string,
  detail: string,
  headers: Readonly<Record<string, string>> = {},
): WebhookAnswer {
  return {
    status,
    headers: { ...headers, "content-type": "application/problem+json" },
    body: { status, title, detail },
  };
}
