import { eventTypeName, eventTypes, type HistoryEvent } from "./history.ts";
import type { HostContext } from "./host-context.ts";
import type { Instance } from "./store.ts";

const fromJson = (text: string | null): unknown => (text === null ? null : JSON.parse(text));

// The extension's form, without fractions of a second.
const seconds = (at: number): string => `${new Date(at).toISOString().slice(0, 19)}Z`;

export interface StatusOptions {
  showInput: boolean;
  showHistory?: boolean;
  showHistoryOutput?: boolean;
}

/** The status document of an instance. */
export function instanceStatus(host: HostContext, instance: Instance, options: StatusOptions) {
  const history = options.showHistory ? host.store.history(instance.id) : undefined;
  return {
    name: instance.name,
    instanceId: instance.id,
    runtimeStatus: instance.status,
    input: options.showInput ? fromJson(instance.input) : null,
    customStatus: fromJson(instance.custom_status),
    output: fromJson(instance.output),
    createdTime: seconds(instance.created_at),
    lastUpdatedTime: seconds(instance.updated_at),
    historyEvents: history ? readableHistory(history, options.showHistoryOutput ?? false) : null,
  };
}

const hidden: readonly number[] = [eventTypes.OrchestratorStarted, eventTypes.OrchestratorCompleted];

function readableHistory(history: readonly HistoryEvent[], showOutput: boolean): unknown[] {
  return history
    .filter((event) => !hidden.includes(event.EventType))
    .map(({ Result, Input, ...event }) => ({
      ...event,
      EventType: eventTypeName(event.EventType),
      ...(showOutput ? { Result, Input } : {}),
    }));
}
