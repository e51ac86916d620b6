import { randomUUID } from "node:crypto";
import type { Table } from "./table.ts";

export interface Intake {
  eventId: string;
  /** `waiting`: kept until the rest of its alert has come. */
  outcome: "accepted" | "duplicate" | "ignored" | "refused" | "waiting";
  reason: string;
  /** Who sent it, where that is not Event Grid: `webhook: key`, `poller: graph`. */
  from?: string;
  alertKey?: string;
  runId?: string;
}

/** What became of every event that reached the door: nothing is dropped without a line here. */
export interface IntakeJournal {
  record(intake: Intake, now: Date): Promise<void>;
  /** The lines of one day (`2026-11-23`). */
  day(day: string): Promise<Record<string, unknown>[]>;
}

export function createIntakeJournal(table: Table): IntakeJournal {
  return {
    async record(intake, now) {
      // Every delivery has its line, also one of the same event, or of one without an id, in the same millisecond.
      await table.upsert({
        partitionKey: now.toISOString().slice(0, 10),
        rowKey: `${now.getTime()}-${randomUUID()}`,
        columns: { ...intake, eventId: intake.eventId.slice(0, 256), at: now.toISOString() },
      });
    },
    async day(day) {
      return (await table.partition(day)).map(({ columns }) => columns);
    },
  };
}
