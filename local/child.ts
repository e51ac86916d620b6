import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { createInterface } from "node:readline";

export interface Child {
  process: ChildProcess;
  /** What the child said of itself when it was ready. */
  ready: Record<string, unknown>;
  /** How it ended, in words, once it has. */
  ended: Promise<string>;
  /** Asks it to end, and kills it when it does not. */
  stop(signal?: NodeJS.Signals): Promise<void>;
}

const readyLimitMs = 60_000;
const stopLimitMs = 5_000;

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
  const lastWords = () => readFileSync(logFile, "utf8").trimEnd().split("\n").slice(-8).join("\n");
  const ended = new Promise<string>((resolve) =>
    child.once("exit", (code, signal) => resolve(`${name} ended (${signal ?? `exit ${code}`})`)),
  );

  const ready = await new Promise<Record<string, unknown>>((resolve, reject) => {
    child.once("error", (error) => reject(new ChildFailed(`${name} could not be started: ${error.message}`)));
    const late = setTimeout(() => {
      child.kill("SIGKILL");
      reject(new ChildFailed(`${name} was not ready within ${readyLimitMs / 1000} s:\n${lastWords()}`));
    }, readyLimitMs);
    ended.then((how) => {
      clearTimeout(late);
      reject(new ChildFailed(`${how} before it was ready:\n${lastWords()}`));
    }, reject);
    createInterface({ input: stdout }).on("line", (line) => {
      if (!line.startsWith('{"ready":true')) return;
      clearTimeout(late);
      resolve(JSON.parse(line));
    });
  });

  return {
    process: child,
    ready,
    ended,
    async stop(signal = "SIGTERM") {
      if (child.exitCode === null && child.signalCode === null) child.kill(signal);
      const stuck = setTimeout(() => child.kill("SIGKILL"), stopLimitMs);
      await ended;
      clearTimeout(stuck);
    },
  };
}
