import { DatabaseSync } from "node:sqlite";
import * as z from "zod";
import { type HistoryEvent, HistoryEventSchema } from "./history.ts";
import { dueAtOnce, type Outgoing, type QueueName } from "./messages.ts";

const schema = `
CREATE TABLE IF NOT EXISTS instances (
  id TEXT PRIMARY KEY, execution TEXT NOT NULL, name TEXT NOT NULL, status TEXT NOT NULL, input TEXT, output TEXT,
  custom_status TEXT, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL, parent TEXT) STRICT;
CREATE TABLE IF NOT EXISTS history (
  instance_id TEXT NOT NULL, number INTEGER NOT NULL, event TEXT NOT NULL, PRIMARY KEY (instance_id, number)) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS messages (
  number INTEGER PRIMARY KEY AUTOINCREMENT, queue TEXT NOT NULL, target TEXT NOT NULL, visible_at INTEGER NOT NULL,
  body TEXT NOT NULL, execution TEXT, timer_id INTEGER) STRICT;
CREATE INDEX IF NOT EXISTS messages_by_target ON messages (queue, target);
CREATE INDEX IF NOT EXISTS messages_by_time ON messages (visible_at);
CREATE TABLE IF NOT EXISTS entities (id TEXT PRIMARY KEY, state TEXT, updated_at INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS timers (name TEXT PRIMARY KEY, last INTEGER, next INTEGER NOT NULL, updated_at INTEGER NOT NULL) STRICT;
`;

export const Status = z.enum(["Pending", "Running", "Suspended", "Completed", "Failed", "Terminated"]);
export type Status = z.infer<typeof Status>;

const Parent = z.object({ instanceId: z.string(), execution: z.string(), taskId: z.number() });
const Json = z.string().transform((text) => JSON.parse(text));

const InstanceRow = z.object({
  id: z.string(),
  execution: z.string(),
  name: z.string(),
  status: Status,
  /** JSON text, like output and customStatus; null where there is none. */
  input: z.string().nullable(),
  output: z.string().nullable(),
  custom_status: z.string().nullable(),
  created_at: z.number(),
  updated_at: z.number(),
  parent: Json.pipe(Parent).nullable(),
});
export type Instance = z.infer<typeof InstanceRow>;

const MessageRow = z.object({
  number: z.number(),
  queue: z.enum(["instance", "activity", "entity"]),
  target: z.string(),
  body: Json,
  execution: z.string().nullable(),
});
export type StoredMessage = z.infer<typeof MessageRow>;

const DueRow = z.object({ number: z.number(), queue: MessageRow.shape.queue, target: z.string() });
export type Due = z.infer<typeof DueRow>;

const EntityRow = z.object({ id: z.string(), state: z.string().nullable(), updated_at: z.number() });
const TimerRow = z.object({ last: z.number().nullable(), next: z.number(), updated_at: z.number() });
const Moment = z.object({ at: z.number().nullable() });

class StateFileInUse extends Error {
  override name = "StateFileInUse";
}

export type Store = ReturnType<typeof openStore>;

/**
 * WAL with synchronous NORMAL survives the death of the process, which is what `kill -9` is; only a power cut may take
 * the last commits. The lock is exclusive: two hosts on one file would each run everything.
 */
function openDatabase(file: string): DatabaseSync {
  const db = new DatabaseSync(file, { timeout: 2_000 });
  try {
    db.exec("PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;");
    db.exec(schema);
  } catch (cause) {
    db.close();
    if (cause instanceof Error && /locked|busy/i.test(cause.message)) {
      throw new StateFileInUse(`Another host uses the state file ${file}; stop it or choose another file.`, { cause });
    }
    throw cause;
  }
  return db;
}

export function openStore(file: string) {
  const db = openDatabase(file);
  const sql = (text: string) => db.prepare(text);
  const begin = sql("BEGIN IMMEDIATE");
  const commit = sql("COMMIT");
  const rollback = sql("ROLLBACK");
  const selectInstance = sql("SELECT * FROM instances WHERE id = ?");
  const selectInstances = sql("SELECT * FROM instances WHERE id > ? ORDER BY id");
  const upsertInstance = sql(
    `INSERT INTO instances VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET execution = excluded.execution,
     name = excluded.name, status = excluded.status, input = excluded.input, output = excluded.output,
     custom_status = excluded.custom_status, created_at = excluded.created_at, updated_at = excluded.updated_at, parent = excluded.parent`,
  );
  const deleteInstance = sql("DELETE FROM instances WHERE id = ?");
  const selectHistory = sql("SELECT event FROM history WHERE instance_id = ? ORDER BY number");
  const insertEvent = sql("INSERT INTO history VALUES (?, ?, ?)");
  const deleteHistory = sql("DELETE FROM history WHERE instance_id = ?");
  const insertMessage = sql(
    "INSERT INTO messages (queue, target, visible_at, body, execution, timer_id) VALUES (?, ?, ?, ?, ?, ?)",
  );
  const selectVisible = sql(
    "SELECT number, queue, target, body, execution FROM messages WHERE queue = ? AND target = ? AND visible_at <= ? ORDER BY number LIMIT ?",
  );
  const selectMessage = sql("SELECT number, queue, target, body, execution FROM messages WHERE number = ?");
  const deleteMessage = sql("DELETE FROM messages WHERE number = ?");
  const deleteTimer = sql(
    "DELETE FROM messages WHERE queue = 'instance' AND target = ? AND execution = ? AND timer_id = ?",
  );
  const deleteExecution = sql("DELETE FROM messages WHERE queue = 'instance' AND target = ? AND execution = ?");
  const deleteMessages = sql("DELETE FROM messages WHERE queue = ? AND target = ?");
  const markDue = sql("UPDATE messages SET visible_at = ? WHERE visible_at > ? AND visible_at <= ?");
  const selectDue = sql("SELECT number, queue, target FROM messages WHERE visible_at <= ? ORDER BY number");
  const selectNext = sql("SELECT MIN(visible_at) AS at FROM messages WHERE visible_at > ?");
  const selectEntity = sql("SELECT * FROM entities WHERE id = ?");
  const selectEntities = sql("SELECT * FROM entities WHERE id >= ? ORDER BY id");
  const upsertEntity = sql(
    "INSERT INTO entities VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE SET state = excluded.state, updated_at = excluded.updated_at",
  );
  const deleteEntity = sql("DELETE FROM entities WHERE id = ?");
  const selectTimer = sql("SELECT last, next, updated_at FROM timers WHERE name = ?");
  const upsertTimer = sql(
    "INSERT INTO timers VALUES (?, ?, ?, ?) ON CONFLICT (name) DO UPDATE SET last = excluded.last, next = excluded.next, updated_at = excluded.updated_at",
  );

  let sent: (Due & { visibleAt: number })[] = [];

  return {
    /** Runs `work` in one transaction; returns what it sent, for the scheduler to look at. */
    transaction(work: () => void): readonly (Due & { visibleAt: number })[] {
      sent = [];
      begin.run();
      try {
        work();
        commit.run();
      } catch (error) {
        rollback.run();
        throw error;
      }
      return sent;
    },
    instance(id: string): Instance | undefined {
      const row = selectInstance.get(id);
      return row && InstanceRow.parse(row);
    },
    /** Every instance with an id after `id`, in the order of ids. */
    *instancesAfter(id: string): Generator<Instance> {
      for (const row of selectInstances.iterate(id)) yield InstanceRow.parse(row);
    },
    putInstance(it: Instance): void {
      const parent = it.parent && JSON.stringify(it.parent);
      const { input, output, custom_status, created_at, updated_at } = it;
      upsertInstance.run(
        ...[it.id, it.execution, it.name, it.status, input, output, custom_status, created_at, updated_at, parent],
      );
    },
    deleteInstance(id: string): void {
      deleteInstance.run(id);
      deleteHistory.run(id);
      deleteMessages.run("instance", id);
    },
    history: (id: string): HistoryEvent[] =>
      selectHistory.all(id).map((row) => HistoryEventSchema.parse(JSON.parse(String(row.event)))),
    appendHistory(id: string, from: number, events: readonly HistoryEvent[]): void {
      events.forEach((event, index) => {
        insertEvent.run(id, from + index, JSON.stringify(event));
      });
    },
    clearHistory: (id: string): void => void deleteHistory.run(id),
    send(message: Outgoing): void {
      const { queue, target, visibleAt, execution, timerId } = message;
      const body = JSON.stringify(message.body);
      const { lastInsertRowid } = insertMessage.run(queue, target, visibleAt, body, execution ?? null, timerId ?? null);
      sent.push({ number: Number(lastInsertRowid), queue, target, visibleAt });
    },
    /** Has a message that is already on file handed over once more when the transaction commits. */
    handAgain({ number, queue, target }: StoredMessage): void {
      sent.push({ number, queue, target, visibleAt: dueAtOnce });
    },
    /** What waits and is due, oldest first; at most `limit`, all without one. */
    visible: (queue: QueueName, target: string, now: number, limit = -1): StoredMessage[] =>
      selectVisible.all(queue, target, now, limit).map((row) => MessageRow.parse(row)),
    message(number: number): StoredMessage | undefined {
      const row = selectMessage.get(number);
      return row && MessageRow.parse(row);
    },
    remove: (number: number): void => void deleteMessage.run(number),
    /** Takes away a timer that has not fired; false when there is none. */
    removeTimer: (id: string, execution: string, timerId: number): boolean =>
      deleteTimer.run(id, execution, timerId).changes > 0,
    /** Takes away what still waits for one run of an instance: unfired timers, late answers. */
    removeExecution: (id: string, execution: string): void => void deleteExecution.run(id, execution),
    /** What is due. It stays so: a clock set back before the message is read must not hide it again. */
    due(now: number): Due[] {
      markDue.run(dueAtOnce, dueAtOnce, now);
      return selectDue.all(dueAtOnce).map((row) => DueRow.parse(row));
    },
    nextAfter: (now: number): number | null => Moment.parse(selectNext.get(now)).at,
    entity(id: string) {
      const row = selectEntity.get(id);
      return row && EntityRow.parse(row);
    },
    entitiesFrom: (id: string) => selectEntities.all(id).map((row) => EntityRow.parse(row)),
    putEntity: (id: string, state: string | null, at: number): void => void upsertEntity.run(id, state, at),
    deleteEntity: (id: string): void => void deleteEntity.run(id),
    timer(name: string) {
      const row = selectTimer.get(name);
      return row && TimerRow.parse(row);
    },
    putTimer: (name: string, last: number | null, next: number, at: number): void =>
      void upsertTimer.run(name, last, next, at),
    close: (): void => db.close(),
  };
}
