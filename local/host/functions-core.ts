import { registerHooks } from "node:module";
import * as z from "zod";
import { type RetryPolicy, readRetryPolicy } from "./retry-policy.ts";

/** Data as the Functions host and its Node.js worker exchange them (RpcTypedData); only the forms this host uses. */
export interface TypedData {
  json?: string;
  string?: string;
  bytes?: Uint8Array;
  collectionString?: { string: string[] };
  collectionBytes?: { bytes: Uint8Array[] };
  http?: unknown;
}

interface InvocationModel {
  getArguments(): Promise<{ context: unknown; inputs: unknown[] }>;
  invokeFunction(context: unknown, inputs: unknown[], callback: FunctionCallback): Promise<unknown>;
  getResponse(context: unknown, result: unknown): Promise<unknown>;
}

interface ProgrammingModel {
  getInvocationModel(coreContext: unknown): InvocationModel;
}

type FunctionCallback = (...args: unknown[]) => unknown;
export type Log = (entry: { level: string; category: string; message: string }) => void;

const Binding = z.looseObject({ type: z.string(), direction: z.enum(["in", "out"]) });
type Binding = z.infer<typeof Binding>;

const Metadata = z.looseObject({
  name: z.string(),
  bindings: z.record(z.string(), Binding),
  retryOptions: z.unknown().optional(),
});

export interface RegisteredFunction {
  name: string;
  /** The one input binding whose type ends in "Trigger". */
  trigger: Binding & { name: string };
  /** Every binding under its generated name; `$return` is the HTTP output. */
  bindings: Readonly<Record<string, Binding>>;
  metadata: unknown;
  retry: RetryPolicy | undefined;
  callback: FunctionCallback;
  model: ProgrammingModel;
}

export class AppNotLoadable extends Error {
  override name = "AppNotLoadable";
}

interface Registry {
  functions: RegisteredFunction[];
  model: ProgrammingModel | undefined;
  httpStreaming: boolean;
  sinks: Set<Log>;
  loaded: WeakMap<object, readonly RegisteredFunction[]>;
  loading: Promise<unknown>;
}

// One registry a process: a module is imported once however many hosts run it, and a test runner may load this file twice.
const key = Symbol.for("portcullis.functions-core");
const holder: typeof globalThis & { [key]?: { registry: Registry; api: unknown } } = globalThis;

function registerFunction(registry: Registry, rawMetadata: unknown, callback: FunctionCallback): void {
  const metadata = Metadata.parse(rawMetadata);
  const trigger = Object.entries(metadata.bindings).find(([, binding]) => /trigger$/i.test(binding.type));
  if (!trigger) throw new AppNotLoadable(`Function "${metadata.name}" has no trigger binding.`);
  if (!registry.model) throw new AppNotLoadable(`Function "${metadata.name}" came before any programming model.`);
  const retry = metadata.retryOptions ? readRetryPolicy(metadata.retryOptions) : undefined;
  if (retry && trigger[1].type !== "eventHubTrigger") {
    throw new AppNotLoadable(
      `The local host runs retry policies of Event Hub triggers only ("${metadata.name}" has one of a ${trigger[1].type}).`,
    );
  }
  registry.functions.push({
    name: metadata.name,
    trigger: { ...trigger[1], name: trigger[0] },
    bindings: metadata.bindings,
    metadata: rawMetadata,
    retry,
    callback,
    model: registry.model,
  });
}

function createApi(registry: Registry) {
  class Disposable {
    dispose(): void {}
  }
  return {
    version: "0.0.0-portcullis-local",
    hostVersion: "4.0.0-portcullis-local",
    Disposable,
    registerFunction(metadata: unknown, callback: FunctionCallback) {
      registerFunction(registry, metadata, callback);
      return new Disposable();
    },
    setProgrammingModel(model: ProgrammingModel) {
      registry.model = model;
    },
    getProgrammingModel: () => registry.model,
    registerHook(name: string) {
      throw new AppNotLoadable(`The local host does not run "${name}" hooks (@azure/functions app.hook).`);
    },
    log(level: string, category: string, message: string) {
      // The package tells the worker this way, and only this way, that setup({ enableHttpStream: true }) was called.
      if (message === "HTTP streaming enabled.") registry.httpStreaming = true;
      for (const sink of registry.sinks) sink({ level, category, message });
    },
  };
}

/** Answers `require("@azure/functions-core")` as the Functions worker does. It must run before @azure/functions registers anything. */
function provideFunctionsCore(): Registry {
  const present = holder[key];
  if (present) return present.registry;
  const registry: Registry = {
    functions: [],
    model: undefined,
    httpStreaming: false,
    sinks: new Set(),
    loaded: new WeakMap(),
    loading: Promise.resolve(),
  };
  holder[key] = { registry, api: createApi(registry) };
  const url = "portcullis:functions-core";
  registerHooks({
    resolve: (specifier, context, next) =>
      specifier === "@azure/functions-core"
        ? { url, format: "commonjs", shortCircuit: true }
        : next(specifier, context),
    load: (loadUrl, context, next) =>
      loadUrl === url
        ? {
            format: "commonjs",
            source: 'module.exports = globalThis[Symbol.for("portcullis.functions-core")].api;',
            shortCircuit: true,
          }
        : next(loadUrl, context),
  });
  return registry;
}

const registry = provideFunctionsCore();

/** Hears what @azure/functions itself logs, outside of invocations, until the returned function is called. */
export function addSystemLog(log: Log): () => void {
  registry.sinks.add(log);
  return () => registry.sinks.delete(log);
}

async function load(loadApp: () => Promise<unknown>): Promise<readonly RegisteredFunction[]> {
  const before = registry.functions.length;
  const module = await loadApp();
  if (registry.httpStreaming) {
    throw new AppNotLoadable(
      "The local host does not stream HTTP bodies: leave out setup({ enableHttpStream: true }).",
    );
  }
  const moduleKey = typeof module === "object" && module !== null ? module : undefined;
  const known = moduleKey && registry.loaded.get(moduleKey);
  if (known) return known;
  const added = registry.functions.slice(before);
  // Nothing new and never seen: the app was imported outside of a host, so everything registered so far is taken as its.
  const functions = added.length > 0 ? added : [...registry.functions];
  if (functions.length === 0) {
    throw new AppNotLoadable(
      "Loading the app registered no function. It was probably imported before local/host/functions-core.ts, " +
        'so that @azure/functions had already switched to its "test mode".',
    );
  }
  const names = functions.map((fn) => fn.name.toLowerCase());
  const twice = functions.find((fn, index) => names.indexOf(fn.name.toLowerCase()) !== index);
  if (twice) throw new AppNotLoadable(`Function "${twice.name}" is registered twice.`);
  if (moduleKey) registry.loaded.set(moduleKey, functions);
  return functions;
}

/** Imports an app, without starting anything, and lists the functions it registered. */
export function loadFunctions(loadApp: () => Promise<unknown>): Promise<readonly RegisteredFunction[]> {
  // One app at a time: what is registered between the start and the end of an import belongs to it.
  const result = registry.loading.then(() => load(loadApp));
  registry.loading = result.catch(() => undefined);
  return result;
}
