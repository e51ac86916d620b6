import { describe, expect, test } from "vitest";
import { parseAction } from "../../../local/host/actions.ts";
import { type HistoryEvent, historyEvent } from "../../../local/host/history.ts";
import { interpretActions } from "../../../local/host/interpret-actions.ts";

const at = new Date("2026-01-01T00:00:00Z");
const begun = [historyEvent("OrchestratorStarted", at), historyEvent("ExecutionStarted", at, { Name: "x" })];
const interpret = (actions: unknown[], events: HistoryEvent[] = []) =>
  interpretActions(actions.map(parseAction), [...begun, ...events], () => "request");
const activity = (functionName: string) => ({ actionType: 0, functionName });
const retried = (functionName: string) => ({
  actionType: 1,
  functionName,
  retryOptions: { firstRetryIntervalInMilliseconds: 1_000, maxNumberOfAttempts: 3 },
});
const failed = (TaskScheduledId: number) =>
  historyEvent("TaskFailed", at, { TaskScheduledId, Reason: "r", Details: "d" });
const scheduledEvent = (id: number, Name: string) => historyEvent("TaskScheduled", at, { Name }, id);

describe("interpreting the worker's actions", () => {
  test("gives one run of numbers to activities, timers, sub-orchestrations and operations in their order", () => {
    const all = {
      actionType: 12,
      compoundActions: [
        activity("a"),
        { actionType: 5, fireAt: "2026-01-01T01:00:00.000Z", isCanceled: false },
        { actionType: 6, externalEventName: "e" },
        { actionType: 2, functionName: "s" },
        { actionType: 7, instanceId: "@e@k", operation: "op" },
      ],
    };
    const { scheduled, count, finished } = interpret([{ actionType: 9, instanceId: "@e@k", operation: "signal" }, all]);

    expect(scheduled.map(({ kind, id }) => [kind, id])).toEqual([
      ["operation", 0],
      ["activity", 1],
      ["timer", 2],
      ["subOrchestration", 3],
      ["operation", 4],
    ]);
    expect([count, finished]).toEqual([5, false]);
  });

  test("schedules a signal for later, which the protocol knows although the package does not send it yet", () => {
    const { scheduled } = interpret([
      { actionType: 10, instanceId: "@e@k", operation: "op", input: 1, fireAt: "2026-01-02T00:00:00.000Z" },
    ]);

    expect(scheduled).toMatchObject([{ kind: "operation", answer: false, at: new Date("2026-01-02T00:00:00Z") }]);
  });

  test("begins an action only when the one before is over, as the extension does", () => {
    expect(interpret([activity("a"), activity("b")]).scheduled).toHaveLength(1);
    const { scheduled } = interpret(
      [activity("a"), activity("b")],
      [scheduledEvent(0, "a"), historyEvent("TaskCompleted", at, { TaskScheduledId: 0, Result: "1" })],
    );
    expect(scheduled).toMatchObject([{ kind: "activity", id: 1, name: "b" }]);
  });

  test("counts a timer from the latest time the history has told, as the worker does, when the clock was set back", () => {
    const setBack = historyEvent("OrchestratorStarted", new Date("2025-12-31T00:00:00Z"));
    const done = historyEvent("TaskCompleted", at, { TaskScheduledId: 0, Result: "1" });
    const timer = { actionType: 5, fireAt: "2026-01-06T12:00:00.000Z", isCanceled: false };

    const { scheduled } = interpret([activity("a"), timer], [scheduledEvent(0, "a"), setBack, done]);

    expect(scheduled).toEqual([{ kind: "timer", id: 1, fireAt: new Date(timer.fireAt) }]);
  });

  test("puts a timer after each failed attempt", () => {
    const { scheduled } = interpret([retried("a")], [scheduledEvent(0, "a"), failed(0)]);

    expect(scheduled).toEqual([{ kind: "timer", id: 1, fireAt: new Date("2026-01-01T00:00:01Z") }]);
  });

  test("waits for every task of a Task.all, even when one has failed", () => {
    const actions = [{ actionType: 12, compoundActions: [activity("a"), activity("b")] }, activity("c")];
    const history = [scheduledEvent(0, "a"), scheduledEvent(1, "b"), failed(0)];

    expect(interpret(actions, history).scheduled).toEqual([]);
    expect(interpret(actions, [...history, failed(1)]).scheduled).toMatchObject([{ name: "c", id: 2 }]);
  });

  test("refuses what Azure would number differently: going on while a task of a failed Task.all still has retries", () => {
    const actions = [{ actionType: 12, compoundActions: [activity("a"), retried("b")] }, activity("c")];

    expect(() => interpret(actions, [scheduledEvent(0, "a"), scheduledEvent(1, "b"), failed(0)])).toThrow("retries");
  });

  test("says when the history tells of something else", () => {
    expect(() => interpret([activity("b")], [scheduledEvent(0, "a")])).toThrow(
      'its history has TaskScheduled "a" as number 0, and now it asks for TaskScheduled "b" there',
    );
  });

  test("refuses by name what it does not know", () => {
    expect(() => parseAction({ actionType: 8 })).toThrow("callHttp");
    expect(() => parseAction({ actionType: 13 })).toThrow("entity locks");
    expect(() => parseAction({ actionType: 99 })).toThrow("action type 99");
    const retryOptions = { firstRetryIntervalInMilliseconds: 1, maxNumberOfAttempts: 1, retryTimeoutInMilliseconds: 5 };
    expect(() => parseAction({ actionType: 1, functionName: "a", retryOptions })).toThrow("retryTimeoutInMilliseconds");
  });
});
