import type { OrchestrationContext, OrchestrationHandler, Task } from "durable-functions";
import * as df from "durable-functions";
import type { StepOutcome } from "../shared/ledger/run.ts";
import type { Assessment } from "../shared/response/assess.ts";
import type { ConcludeInput, Conclusion } from "../shared/response/conclude.ts";
import type { Contained, ContainInput } from "../shared/response/contain.ts";
import type { Reconciled } from "../shared/response/reconciled.ts";
import type { Request } from "../shared/response/request.ts";
import * as names from "./names.ts";

/**
 * What a retry may mend is thrown by the activities and tried again, for about three hours: an outage of the ledger or of Azure must
 * not cost an alert its answer. What a retry cannot mend comes back as an outcome.
 */
const retry = new df.RetryOptions(2_000, 45);
retry.backoffCoefficient = 2;
retry.maxRetryIntervalInMilliseconds = 5 * 60_000;

/**
 * After so many looks the timer goes on alone: containments stay in the ledger, only this run stops waiting for them. Two writes of a
 * firewall, of minutes each, are over by then.
 */
const looks = 24;

const respond: OrchestrationHandler = function* (context: OrchestrationContext): Generator<Task, Conclusion, unknown> {
  const request = context.df.getInput<Request>();
  const { runId, alert, byHand } = request;
  const ownerId = byHand ? runId : alert.key;

  const assessment = (yield context.df.callActivityWithRetry(names.assessActivity, retry, request)) as Assessment;
  const { decidedAt, priority, enforce, report } = assessment;
  const wish = { runId, ownerId, decidedAt, priority };
  let outcomes: StepOutcome[] = [];
  if (enforce.length > 0) outcomes = yield* contained(context, { ...wish, steps: enforce });
  if (report.length > 0) {
    const about = { steps: enforce, outcomes };
    outcomes = [...outcomes, ...(yield* contained(context, { ...wish, steps: report, about }))];
  }
  const conclusion: ConcludeInput = byHand ? { runId, outcomes } : { runId, alertKey: alert.key, outcomes };
  return (yield context.df.callActivityWithRetry(names.concludeActivity, retry, conclusion)) as Conclusion;
};

/** Writes the wishes into the ledger and waits, by durable timers, until they have come true or looking again cannot help. */
function* contained(context: OrchestrationContext, wanted: ContainInput): Generator<Task, StepOutcome[], unknown> {
  const wishes = (yield context.df.callActivityWithRetry(names.containActivity, retry, wanted)) as Contained;
  for (let look = 1; ; look++) {
    const answers = (yield context.df.Task.all(
      wishes.map((wish) =>
        context.df.callEntity(new df.EntityId(names.enforcementPointEntity, wish.point.key), "reconcile", wish),
      ),
    )) as Reconciled[];
    const waits = answers.flatMap(({ retryAfterMs }) => (retryAfterMs === undefined ? [] : [retryAfterMs]));
    if (waits.length === 0 || look === looks) return answers.flatMap(({ outcomes }) => outcomes);
    const until = context.df.currentUtcDateTime.getTime() + Math.min(...waits);
    yield context.df.createTimer(new Date(until));
  }
}

df.app.orchestration(names.respondOrchestrator, respond);
