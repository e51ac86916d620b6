import { createHash } from "node:crypto";
import type { Clock } from "../clock.ts";
import type { Table } from "../ledger/table.ts";

/** Something that needs a person. */
export interface Notice {
  /** Notices about the same thing are sent once an hour; two different things share a turn in one of 256 cases. */
  about: string;
  text: string;
}

export interface Notifier {
  /** Tells somebody, and keeps a record of it either way. A webhook that cannot be reached stops nothing. */
  notify(notice: Notice): Promise<void>;
}

interface NotifierOptions {
  notices: Table;
  /** Incoming webhook of Slack or a Teams workflow; without one the record is all there is. */
  url: string | undefined;
  clock: Clock;
  post?: (url: string, body: string) => Promise<number>;
}

const timeoutMs = 5_000;
const textLimit = 2_000;

export function createNotifier({ notices, url, clock, post = postJson }: NotifierOptions): Notifier {
  return {
    async notify({ about, text: said }) {
      // What the alert wrote must not mention a channel or make a link: Slack reads these three.
      const text = said.replaceAll(/[<>&]/g, "?").slice(0, textLimit);
      const at = clock.now().toISOString();
      const row = {
        partitionKey: at.slice(0, 10),
        // Two digits, so that whoever sends a new shape with every event gets through 256 times an hour and not for ever.
        rowKey: `${at.slice(11, 13)}-${createHash("sha256").update(about).digest("hex").slice(0, 2)}`,
        columns: { at, about: about.slice(0, 256), text, sent: "" },
      };
      if ((await notices.insert(row)) === "exists") return;
      const sent = url === undefined ? "no PORTCULLIS_NOTIFY_URL" : await send(url, text, post);
      await notices.upsert({ ...row, columns: { ...row.columns, sent } });
    },
  };
}

async function send(url: string, text: string, post: NonNullable<NotifierOptions["post"]>): Promise<string> {
  try {
    return String(await post(url, JSON.stringify({ text })));
  } catch (error) {
    // The URL is a secret: only the error's kind is written down.
    return `failed: ${error instanceof Error ? error.name : "unknown error"}`;
  }
}

async function postJson(url: string, body: string): Promise<number> {
  const headers = { "content-type": "application/json" };
  const answer = await fetch(url, { method: "POST", headers, body, signal: AbortSignal.timeout(timeoutMs) });
  return answer.status;
}
