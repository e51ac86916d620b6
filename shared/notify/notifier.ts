import { createHash } from "node:crypto";
import type { Clock } from "../clock.ts";
import type { StoredRow, Table } from "../ledger/table.ts";

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
/** After a failure nobody waits for the webhook for so long, in milliseconds. */
const pauseMs = 60_000;
const textLimit = 2_000;

export function createNotifier({ notices, url, clock, post = postJson }: NotifierOptions): Notifier {
  let pausedUntil = 0;

  async function send(text: string): Promise<string> {
    if (url === undefined) return "no PORTCULLIS_NOTIFY_URL";
    const now = clock.now().getTime();
    if (now < pausedUntil) return "failed: the webhook failed a moment ago";
    try {
      const status = await post(url, JSON.stringify({ text }));
      if (status >= 200 && status < 300) return String(status);
      pausedUntil = now + pauseMs;
      return `failed: ${status}`;
    } catch (error) {
      pausedUntil = now + pauseMs;
      // The URL is a secret: only the error's kind is written down.
      return `failed: ${error instanceof Error ? error.name : "unknown error"}`;
    }
  }

  return {
    async notify({ about, text: said }) {
      // What the alert wrote must not mention a channel or make a link: Slack reads these three.
      const text = said.replaceAll(/[<>&]/g, "?").slice(0, textLimit);
      const at = clock.now().toISOString();
      const row = {
        partitionKey: at.slice(0, 10),
        // Two digits, so that whoever sends a new shape with every event gets through 256 times an hour and not for ever.
        rowKey: `${at.slice(11, 13)}-${createHash("sha256").update(about).digest("hex").slice(0, 2)}`,
        columns: { at, about: about.slice(0, 256), text, sent: "not yet" },
      };
      if ((await notices.insert(row)) === "exists" && isSent(await notices.get(row.partitionKey, row.rowKey))) return;
      await notices.upsert({ ...row, columns: { ...row.columns, sent: await send(text) } });
    },
  };
}

/** A notice that could not be sent, or whose sender died over it, is sent by the next one about the same. */
function isSent(row: StoredRow | undefined): boolean {
  return row !== undefined && !/^(failed|not yet)/.test(String(row.columns.sent));
}

async function postJson(url: string, body: string): Promise<number> {
  const headers = { "content-type": "application/json" };
  const signal = AbortSignal.timeout(timeoutMs);
  const answer = await fetch(url, { method: "POST", headers, body, redirect: "error", signal });
  await answer.body?.cancel();
  return answer.status;
}
