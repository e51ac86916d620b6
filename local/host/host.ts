import { type Clock, systemClock } from "../../shared/clock.ts";
import { eventHubPath } from "../event-hub-delivery.ts";
import { isDisabled } from "./app-setting.ts";
import { answerDurable } from "./durable-http.ts";
import { durableClientBinding, durablePrefixes } from "./durable-urls.ts";
import { createEngine } from "./engine.ts";
import { answerEventGrid } from "./event-grid-webhook.ts";
import { createEventHubTriggers } from "./event-hub-triggers.ts";
import { AppNotLoadable, addSystemLog, type Log, loadFunctions, type RegisteredFunction } from "./functions-core.ts";
import { readHostSettings } from "./host-json.ts";
import { callHttpFunction, createHttpRoutes } from "./http-routes.ts";
import { closeServer, type HttpAnswer, type HttpCall, listen, portOf } from "./http-server.ts";
import { unsupportedBinding } from "./invoke-function.ts";
import { createReplayCheck } from "./replay-check.ts";
import { openStore } from "./store.ts";
import { startTimers, type Timers } from "./timers.ts";

export interface HostOptions {
  /** SQLite database with all state; created when absent. */
  stateFile: string;
  /** 0 takes any free one. */
  port: number;
  /** Path of the host.json to follow; the app's own when absent. */
  hostJson?: string;
  /** Imports the app, which registers its functions. */
  loadApp: () => Promise<unknown>;
  clock?: Clock;
  log?: Log;
  /** Fails an instance, naming the reason, when its orchestrator is not deterministic. */
  replayCheck?: boolean;
}

export interface Host {
  url: string;
  /** Those that are not disabled. */
  functions: readonly RegisteredFunction[];
  /** Looks for due work now, after a test has moved the clock. */
  wake(): void;
  /** Resolves when no orchestration, entity, activity or timer can run right now. */
  idle(): Promise<void>;
  close(): Promise<void>;
}

const patience = 3_000;

function isDecodable(path: string): boolean {
  try {
    decodeURIComponent(path);
    return true;
  } catch {
    return false;
  }
}

/** A small Functions host for laptops and tests: the real programming model and replay executor over one SQLite file. */
export async function startHost(options: HostOptions): Promise<Host> {
  const { clock = systemClock, log = () => {} } = options;
  const { routePrefix, hubName, maxEntityOperationBatchSize } = readHostSettings(options.hostJson);
  const removeSystemLog = addSystemLog(log);
  const functions = (await loadFunctions(options.loadApp)).filter(({ name }) => {
    if (!isDisabled(name)) return true;
    log({ level: "information", category: "Host", message: `Function "${name}" is disabled.` });
    return false;
  });
  const refused = functions.map(unsupportedBinding).find((text) => text !== undefined);
  if (refused) throw new AppNotLoadable(`The local host does not support the ${refused}.`);
  const routes = createHttpRoutes(functions, routePrefix);

  let answer = async (_: HttpCall): Promise<HttpAnswer> => ({ status: 503, headers: { "Retry-After": "1" } });
  const server = await listen(options.port, log, (call) => answer(call));
  const url = `http://127.0.0.1:${portOf(server)}`;
  const waitingForIdle = new Set<() => void>();
  let timers: Timers | undefined;
  try {
    const store = openStore(options.stateFile);
    const clientBinding = durableClientBinding(url, hubName);
    const replayCheck = options.replayCheck ? createReplayCheck() : undefined;
    const engine = createEngine(
      { functions, store, clock, log, clientBinding, replayCheck, maxEntityOperationBatchSize },
      tellIfIdle,
    );
    const isIdle = () => engine.isIdle() && (timers?.isIdle() ?? true);
    function tellIfIdle(): void {
      if (!isIdle()) return;
      for (const resolve of waitingForIdle) resolve();
      waitingForIdle.clear();
    }

    const eventHubs = createEventHubTriggers(engine.host);
    answer = async (call) => {
      const path = call.url.pathname.toLowerCase();
      if (!isDecodable(path)) return { status: 400, body: "The path has a malformed percent-encoding." };
      if (durablePrefixes.some((prefix) => path.startsWith(prefix))) return answerDurable(call, engine.host, hubName);
      if (path === "/runtime/webhooks/eventgrid") return answerEventGrid(call, engine.host);
      if (path === eventHubPath) return eventHubs.answer(call);
      const found = routes.find(call);
      return found ? callHttpFunction(found, call, engine.host) : { status: 404 };
    };
    engine.wake();
    timers = startTimers(engine.host, tellIfIdle);
    const runningTimers = timers;
    let closing: Promise<void> | undefined;

    return {
      url,
      functions,
      wake() {
        engine.wake();
        runningTimers.wake();
      },
      idle: () => (isIdle() ? Promise.resolve() : new Promise((resolve) => waitingForIdle.add(resolve))),
      close: () => {
        closing ??= close();
        return closing;
      },
    };

    async function close(): Promise<void> {
      await closeServer(server);
      // A handler that takes longer is left behind; what it was asked to do is still on file and runs again.
      const late = new Promise<void>((resolve) => setTimeout(resolve, patience).unref());
      await Promise.all([engine.close(late), runningTimers.close(late), eventHubs.close(late)]);
      removeSystemLog();
      store.close();
    }
  } catch (error) {
    await closeServer(server);
    removeSystemLog();
    throw error;
  }
}
