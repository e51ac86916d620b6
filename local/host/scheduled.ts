/** Work that an action asks for and the history does not hold yet. `id` is its EventId. */
export type Scheduled =
  | { kind: "activity"; id: number; name: string; input: unknown }
  | { kind: "timer"; id: number; fireAt: Date }
  | {
      kind: "subOrchestration";
      id: number;
      name: string;
      input: unknown;
      instanceId: string | undefined;
      version: string | undefined;
    }
  | {
      kind: "operation";
      id: number;
      entity: string;
      op: string;
      input: unknown;
      requestId: string;
      answer: boolean;
      at: Date | undefined;
    };
