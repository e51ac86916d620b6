import { createHash } from "node:crypto";
import type { Table } from "./table.ts";

export interface Intake {
  eventId: string;
  outcome: "accepted" | "duplicate" | "ignored" | "refused";
  reason: string;
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
      // The event's id is outside text; a key admits neither every character nor every length.
      const id = createHash("sha256").update(intake.eventId).digest("hex").slice(0, 16);
      await table.upsert({
        partitionKey: now.toISOString().slice(0, 10),
        rowKey: `${now.getTime()}-${id}-${intake.outcome}`,
        columns: { ...intake, eventId: intake.eventId.slice(0, 256), at: now.toISOString() },
      });
    },
    async day(day) {
      return (await table.partition(day)).map(({ columns }) => columns);
    },
  };
}
