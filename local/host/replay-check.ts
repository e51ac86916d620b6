import { isDeepStrictEqual } from "node:util";
import { describeAction, type OrchestratorState, parseAction } from "./actions.ts";
import { type OrchestratorRun, runOrchestrator } from "./run-orchestrator.ts";

export interface ReplayCheck {
  /** Why the orchestrator is not deterministic; undefined when nothing speaks against it. */
  check(run: OrchestratorRun, state: OrchestratorState): Promise<string | undefined>;
  forget(execution: string): void;
}

/**
 * Runs every turn a second time on the same history while the clock, random numbers and the environment answer
 * differently, and compares what the orchestrator does; what it did in one turn must also begin with what it did in the
 * turn before.
 */
export function createReplayCheck(): ReplayCheck {
  const previous = new Map<string, unknown[]>();

  return {
    forget: (execution) => void previous.delete(execution),
    async check(run, state) {
      const actions = comparable(state);
      const before = previous.get(run.instance.execution) ?? [];
      previous.set(run.instance.execution, actions);
      const sinceLastTurn = firstDifference(before, actions.slice(0, before.length));
      const reads = new Set<string>();
      const second = await runOrchestrator({ ...run, log: () => {} }, (call) => inAnotherWorld(reads, call));
      const difference =
        sinceLastTurn ?? firstDifference(actions, comparable(second.state)) ?? outcomeDifference(state, second.state);
      if (reads.size === 0 && !difference) return undefined;
      const reasons = [
        ...(reads.size > 0 ? [`it reads ${[...reads].join(", ")}`] : []),
        ...(difference ? [`replayed on the same history it differs: ${difference}`] : []),
      ];
      return `Orchestrator "${run.fn.name}" is not deterministic: ${reasons.join("; ")}.`;
    },
  };
}

/** Actions of a turn; a timer may be cancelled later, which does not make it another timer. */
function comparable(state: OrchestratorState): unknown[] {
  const text = JSON.stringify(state.actions.flat(), (name, value: unknown) =>
    name === "isCanceled" ? undefined : value,
  );
  return JSON.parse(text);
}

function firstDifference(expected: readonly unknown[], found: readonly unknown[]): string | undefined {
  const length = Math.max(expected.length, found.length);
  for (let index = 0; index < length; index++) {
    if (isDeepStrictEqual(expected[index], found[index])) continue;
    return `action ${index + 1} was ${describe(expected[index])} and is ${describe(found[index])}`;
  }
  return undefined;
}

function describe(action: unknown): string {
  return action === undefined
    ? "absent"
    : `${describeAction(parseAction(action))} ${JSON.stringify(action).slice(0, 300)}`;
}

function outcomeDifference(first: OrchestratorState, second: OrchestratorState): string | undefined {
  for (const part of ["isDone", "output", "error", "customStatus"] as const) {
    if (isDeepStrictEqual(first[part], second[part])) continue;
    return `${part} was ${JSON.stringify(first[part])} and is ${JSON.stringify(second[part])}`;
  }
  return undefined;
}

const farAway = 400 * 86_400_000 + 12_345;

/**
 * The executor runs an orchestrator synchronously inside the call, so that nothing else in the process ever sees the
 * changed globals.
 */
function inAnotherWorld<T>(reads: Set<string>, call: () => T): T {
  const real = {
    Date: globalThis.Date,
    random: Math.random,
    env: process.env,
    now: performance.now,
    uuid: crypto.randomUUID,
  };
  const moved = () => real.Date.now() + farAway;
  globalThis.Date = new Proxy(real.Date, {
    construct(target, args, newTarget) {
      if (args.length > 0) return Reflect.construct(target, args, newTarget);
      reads.add("new Date()");
      return new target(moved());
    },
    apply(target) {
      reads.add("Date()");
      return new target(moved()).toString();
    },
    get(target, property, receiver) {
      if (property !== "now") return Reflect.get(target, property, receiver);
      reads.add("Date.now()");
      return moved;
    },
  });
  Math.random = () => {
    reads.add("Math.random()");
    return (real.random() + 0.5) % 1;
  };
  performance.now = () => {
    reads.add("performance.now()");
    return real.now.call(performance) + farAway;
  };
  crypto.randomUUID = () => {
    reads.add("crypto.randomUUID()");
    return real.uuid.call(crypto);
  };
  process.env = new Proxy(real.env, {
    get(target, name) {
      if (typeof name === "string") reads.add(`process.env.${name}`);
      const value = Reflect.get(target, name);
      return typeof value === "string" ? `${value}-changed` : undefined;
    },
    has(target, name) {
      if (typeof name === "string") reads.add(`process.env.${name}`);
      return !Reflect.has(target, name);
    },
  });
  try {
    return call();
  } finally {
    globalThis.Date = real.Date;
    Math.random = real.random;
    performance.now = real.now;
    crypto.randomUUID = real.uuid;
    process.env = real.env;
  }
}
