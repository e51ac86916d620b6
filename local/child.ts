import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { createInterface } from "node:readline";

export interface Child {
  process: ChildProcess;
  /** What the child said of itself when it was ready. */
  ready: Record<string, unknown>;
  stop(signal?: NodeJS.Signals): Promise<void>;
}

export class ChildFailed extends Error {
  override readonly name = "ChildFailed";
}

/** Starts a script of this repository on the same Node, and waits for its one line of JSON that says it is serving. */
export async function startChild(
  name: string,
  args: readonly string[],
  { env, logFile }: { env: Readonly<Record<string, string | undefined>>; logFile: string },
): Promise<Child> {
  const log = openSync(logFile, "a");
  const exitWithParent = new URL("./exit-with-parent.ts", import.meta.url).href;
  const child = spawn(
    process.execPath,
    ["--disable-warning=ExperimentalWarning", "--import", exitWithParent, ...args],
    {
      env: { PATH: process.env.PATH, ...env },
      stdio: ["pipe", "pipe", log],
    },
  );
  closeSync(log);
  const { stdout } = child;
  if (!stdout) throw new ChildFailed(`${name} has no output to read`);
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));

  const ready = await new Promise<Record<string, unknown>>((resolve, reject) => {
    child.once("error", (error) => reject(new ChildFailed(`${name} could not be started: ${error.message}`)));
    child.once("exit", (code, signal) => {
      const last = readFileSync(logFile, "utf8").trimEnd().split("\n").slice(-8).join("\n");
      reject(new ChildFailed(`${name} ended (${signal ?? `exit ${code}`}) before it was ready:\n${last}`));
    });
    createInterface({ input: stdout }).on("line", (line) => {
      if (line.startsWith('{"ready":true')) resolve(JSON.parse(line));
    });
  });

  return {
    process: child,
    ready,
    async stop(signal = "SIGTERM") {
      if (child.exitCode === null && child.signalCode === null) child.kill(signal);
      await exited;
    },
  };
}
