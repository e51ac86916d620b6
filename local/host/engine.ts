import { runActivity } from "./activity.ts";
import { createAlarm } from "./alarm.ts";
import { runEntity } from "./entity-turn.ts";
import type { HostContext } from "./host-context.ts";
import { dueAtOnce } from "./messages.ts";
import { runTurn } from "./orchestration-turn.ts";
import type { Due } from "./store.ts";
import { createWorkQueue } from "./work-queue.ts";

export interface Engine {
  host: HostContext;
  /** Looks for messages that have become due. */
  wake(): void;
  isIdle(): boolean;
  /** Starts nothing more, and lets what runs end and record its answer until `late`. */
  close(late: Promise<void>): Promise<void>;
}

/** Hands every message, as soon as it is committed and due, to whoever works on its queue. */
export function createEngine(parts: Omit<HostContext, "commit">, onIdle: () => void): Engine {
  const { store, clock, log } = parts;
  let closed = false;
  const onError = (key: string, error: unknown): void => {
    if (closed) return;
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
    log({ level: "critical", category: "Host.Durable", message: `The local host failed at ${key}: ${message}` });
  };
  const host: HostContext = { ...parts, commit };
  const queues = {
    instance: createWorkQueue({ concurrency: 8, run: (id) => runTurn(host, id), onIdle, onError }),
    activity: createWorkQueue({ concurrency: 32, run: (number) => runActivity(host, Number(number)), onIdle, onError }),
    entity: createWorkQueue({ concurrency: 8, run: (id) => runEntity(host, id), onIdle, onError }),
  };
  const alarm = createAlarm(clock, wake);

  function hand({ queue, number, target }: Due): void {
    queues[queue].add(queue === "activity" ? String(number) : target);
  }

  function commit(work: () => void): void {
    // A handler that ends after close() has come too late; its message is still there and the next start runs it again.
    if (closed) return;
    const sent = store.transaction(work);
    const now = clock.now().getTime();
    for (const message of sent) {
      if (message.visibleAt === dueAtOnce) hand(message);
      else if (message.visibleAt <= now) wake();
      else alarm.set(message.visibleAt);
    }
  }

  function wake(): void {
    if (closed) return;
    const now = clock.now().getTime();
    for (const message of store.due(now)) hand(message);
    const next = store.nextAfter(now);
    if (next !== null) alarm.set(next);
  }

  return {
    host,
    wake,
    isIdle: () => Object.values(queues).every((queue) => queue.isIdle()),
    async close(late) {
      alarm.clear();
      await Promise.race([Promise.all(Object.values(queues).map((queue) => queue.close())), late]);
      closed = true;
      alarm.clear();
    },
  };
}
