/** A request to the webhook, free of any framework. */
export interface WebhookCall {
  method: string;
  header(name: string): string | undefined;
  /** A parameter of the query string. */
  query(name: string): string | undefined;
  body: AsyncIterable<Uint8Array> | undefined;
}
