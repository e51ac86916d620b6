import type { Fetch } from "../../shared/alerts/reading.ts";
import type { EnforcementPoint } from "../../shared/ledger/containment.ts";
import { createStreamParts } from "../../shared/ledger/stream-parts.ts";
import type { Notice } from "../../shared/notify/notifier.ts";
import type { Playbook } from "../../shared/playbooks/playbook.ts";
import type { Fetched } from "../../shared/response/fetch.ts";
import type { Receiver } from "../../shared/response/receive.ts";
import type { Request } from "../../shared/response/request.ts";
import type { Starter } from "../../shared/response/start-run.ts";
import { aJournal, anAlertRegister, aTable, someContainments, someRuns } from "./a-ledger.ts";
import { createManualClock } from "./manual-clock.ts";

/** What Durable Functions does with instance ids: one run each, and the second start is refused. */
export function aStarter() {
  const started = new Map<string, Request>();
  const joins = new Map<string, Date>();
  const woken: EnforcementPoint[] = [];
  const starter: Starter = {
    status: async (id) => (started.has(id) ? "started" : "none"),
    async start(request) {
      if (started.has(request.runId)) throw new Error("An Orchestration instance with this id already exists.");
      started.set(request.runId, request);
    },
    wake: async (point) => void woken.push(point),
    join: async (alertId, after) => void joins.set(alertId, joins.get(alertId) ?? after),
  };
  return { starter, started, joins, woken };
}

interface Given {
  playbooks: readonly Playbook[];
  at: string;
  /** What is found where payloads point. */
  there?: (what: Fetch) => Fetched;
}

/** The intake over a ledger of its own, with a starter that keeps the rules of Durable Functions and runs nothing. */
export async function anIntake({ playbooks, at, there = () => ({ missing: "it is not there" }) }: Given) {
  const { starter, started, joins, woken } = aStarter();
  const journal = await aJournal();
  const clock = createManualClock(at);
  const notices: Notice[] = [];
  const receiver: Receiver = {
    playbooks,
    alerts: await anAlertRegister(),
    runs: await someRuns(),
    containments: await someContainments(),
    journal,
    parts: createStreamParts(await aTable("StreamParts")),
    notifier: { notify: async (notice) => void notices.push(notice) },
    fetch: async (what) => there(what),
    joinWindow: "PT30S",
    starter,
    clock,
  };
  return { receiver, started, joins, woken, notices, clock, lines: () => journal.day(at.slice(0, 10)) };
}
