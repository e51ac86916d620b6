import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import { type Child, startChild } from "./child.ts";
import type { Ports } from "./ports.ts";

/** Azurite, the simulated Azure and the local host, each a process of its own, all on loopback. */
export interface Stack {
  hostUrl: string;
  azureUrl: string;
  gatewayUrl: string;
  topicUrl: string;
  tableEndpoint: string;
  /** The settings that the host runs with. */
  settings: Readonly<Record<string, string>>;
  /** Which of the processes ended by itself, and how, as soon as one does. */
  ended: Promise<string>;
  startHost(): Promise<void>;
  /** As a power cut would: nothing gets to finish. */
  killHost(): Promise<void>;
  close(): Promise<void>;
}

export interface StackOptions {
  ports: Ports;
  /** Where state and logs are kept. */
  folder: string;
  settings?: Readonly<Record<string, string>>;
  /** How long the simulated API Management takes to put a fragment in force. */
  fragmentWriteMs?: number;
  replayCheck?: boolean;
}

const root = join(import.meta.dirname, "..");
const LocalSettings = z.object({ Values: z.record(z.string(), z.string()) });

export async function startStack({
  ports,
  folder,
  settings: overrides,
  fragmentWriteMs = 0,
  replayCheck = false,
}: StackOptions): Promise<Stack> {
  mkdirSync(folder, { recursive: true });
  const hostUrl = `http://127.0.0.1:${ports.host}`;
  const azureUrl = `http://127.0.0.1:${ports.azure}`;
  const tableEndpoint = `http://127.0.0.1:${ports.tables}/devstoreaccount1`;
  const example = LocalSettings.parse(JSON.parse(readFileSync(join(root, "local.settings.example.json"), "utf8")));
  const settings = {
    ...example.Values,
    IDENTITY_ENDPOINT: `${azureUrl}/msi/token`,
    PORTCULLIS_SIMULATED_AZURE: azureUrl,
    PORTCULLIS_TABLE_ENDPOINT: tableEndpoint,
    PORTCULLIS_PLAYBOOKS: join(root, "playbooks"),
    ...overrides,
  };
  const options = (name: string, env: Readonly<Record<string, string>> = {}) => ({
    env,
    logFile: join(folder, `${name}.log`),
  });
  const script = (name: string) => join(root, "local", name);

  const azureArgs = [
    "--port",
    `${ports.azure}`,
    "--gateway-port",
    `${ports.gateway}`,
    "--world",
    script("scenarios/world.ts"),
    "--host-url",
    hostUrl,
  ];
  const started = await Promise.allSettled([
    startChild("Azurite", [script("azurite.ts"), "--port", `${ports.tables}`], options("azurite")),
    startChild(
      "the simulated Azure",
      [script("azure/main.ts"), ...azureArgs, "--fragment-write-ms", `${fragmentWriteMs}`],
      options("azure"),
    ),
  ]);
  const children = started.flatMap((child) => (child.status === "fulfilled" ? [child.value] : []));
  let host: Child | undefined;
  let anyEnded: (how: string) => void = () => {};
  const ended = new Promise<string>((resolve) => {
    anyEnded = resolve;
  });
  for (const child of children) child.ended.then(anyEnded, anyEnded);

  async function close(): Promise<void> {
    await Promise.all([host, ...children].map((child) => child?.stop()));
  }

  async function startHost(): Promise<void> {
    const args = [
      script("host/main.ts"),
      "--app",
      join(root, "dist/main.mjs"),
      "--port",
      `${ports.host}`,
      "--state",
      join(folder, "host.sqlite"),
    ];
    host = await startChild(
      "the local host",
      [...args, ...(replayCheck ? ["--replay-check"] : [])],
      options("host", settings),
    );
    host.ended.then(anyEnded, anyEnded);
  }

  try {
    for (const child of started) if (child.status === "rejected") throw child.reason;
    await startHost();
  } catch (error) {
    await close();
    throw error;
  }
  return {
    hostUrl,
    azureUrl,
    gatewayUrl: `http://127.0.0.1:${ports.gateway}`,
    topicUrl: `${azureUrl}/alerts.westeurope-1.eventgrid.azure.net/api/events`,
    tableEndpoint,
    settings,
    ended,
    startHost,
    killHost: async () => host?.stop("SIGKILL"),
    close,
  };
}
