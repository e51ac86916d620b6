import { randomBytes } from "node:crypto";
import { inject } from "vitest";
import { openTable } from "../../shared/azure/tables.ts";
import { readSettings } from "../../shared/config.ts";
import { createAlertRegister } from "../../shared/ledger/alert-register.ts";
import { type Containments, createContainments } from "../../shared/ledger/containments.ts";
import { createIntakeJournal } from "../../shared/ledger/intake-journal.ts";
import { createRuns } from "../../shared/ledger/runs.ts";
import type { Table } from "../../shared/ledger/table.ts";
import "./azurite.ts";

/** A table of the run's Azurite that nobody else uses. */
export function aTable(name: string): Promise<Table> {
  const settings = readSettings({
    PORTCULLIS_SWEEP_SCHEDULE: "0 * * * * *",
    PORTCULLIS_POLL_SCHEDULE: "0 * * * * *",
    PORTCULLIS_TABLE_ENDPOINT: inject("tableEndpoint"),
    PORTCULLIS_TABLE_PREFIX: `T${randomBytes(8).toString("hex")}`,
  });
  return openTable(name, settings, () => Promise.reject(new Error("Azurite is asked with its own key")));
}

export async function someContainments(): Promise<Containments> {
  return createContainments(await aTable("Containments"), await aTable("Released"));
}

export async function anAlertRegister() {
  return createAlertRegister(await aTable("Alerts"));
}

export async function aJournal() {
  return createIntakeJournal(await aTable("Intake"));
}

export async function someRuns() {
  return createRuns(await aTable("Runs"));
}
