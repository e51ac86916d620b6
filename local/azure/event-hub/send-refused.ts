import type { HostAnswer } from "../simulated-host.ts";

/**
 * Event Hubs does not take what was sent. Azure writes `<Error><Code>…</Code><Detail>…</Detail></Error>` as XML; here the same two come
 * as JSON, which is all that simulated hosts speak. https://learn.microsoft.com/rest/api/eventhub/send-event#response
 */
export class SendRefused extends Error {
  override readonly name = "SendRefused";
  readonly status: 400 | 401 | 404 | 413;

  constructor(status: 400 | 401 | 404 | 413, detail: string) {
    super(detail);
    this.status = status;
  }

  toAnswer(): HostAnswer {
    return { status: this.status, body: { Error: { Code: String(this.status), Detail: this.message } } };
  }
}
