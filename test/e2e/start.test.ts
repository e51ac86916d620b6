import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { afterEach, describe, expect, it } from "vitest";
import { freePorts, type Ports, takenPorts } from "../../local/ports.ts";
import { until } from "./support/until.ts";

interface Start {
  ports: Ports;
  folder: string;
  child: ChildProcess;
  /** Everything it has said so far. */
  said(): string;
  /** Its exit code, or the signal that ended it. */
  ended: Promise<number | NodeJS.Signals>;
}

const root = join(import.meta.dirname, "../..");
const started = new Set<Start>();
afterEach(({ task }) => {
  // One that failed leaves nothing behind for the next.
  if (task.result?.state === "fail") for (const { child } of started) child.kill("SIGKILL");
});

/** As a terminal starts it: the leader of a process group of its own, to which Ctrl-C goes. */
async function start(args: readonly string[] = [], given?: Ports): Promise<Start> {
  const ports = given ?? (await freePorts());
  const folder = mkdtempSync(join(tmpdir(), "portcullis-start-"));
  const portArgs = ["--port", ports.host, "--azure-port", ports.azure, "--gateway-port", ports.gateway];
  const child = spawn(
    process.execPath,
    [
      join(root, "local/start.ts"),
      ...[...portArgs, "--tables-port", ports.tables].map(String),
      "--folder",
      folder,
      ...args,
    ],
    { detached: true, stdio: ["ignore", "pipe", "pipe"] },
  );
  let text = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk) => {
      text += chunk;
    });
  }
  const ended = once(child, "close").then(([code, signal]) => code ?? signal);
  const it = { ports, folder, child, ended, said: () => stripVTControlCharacters(text) };
  started.add(it);
  return it;
}

function saying({ said }: Start, words: string): Promise<unknown> {
  return until(`"${words}" to be said`, 40_000, () => (said().includes(words) ? true : undefined));
}

async function expectNothingLeft({ ports, folder }: Start): Promise<void> {
  await until("every child to be gone and every port to be free", 5_000, async () => {
    const processes = execFileSync("ps", ["-eo", "args"], { encoding: "utf8" }).split("\n");
    const left = processes.filter((line) => line.includes(folder) || line.includes(`127.0.0.1:${ports.host}`));
    return left.length === 0 && (await takenPorts(ports)).length === 0 ? true : undefined;
  });
  rmSync(folder, { recursive: true, force: true });
}

function ctrlC({ child }: Start): void {
  if (child.pid) process.kill(-child.pid, "SIGINT");
}

describe("npm start", { timeout: 60_000 }, () => {
  it("plays one attack to its end and exits with 0 when it is to play once", async () => {
    const play = await start(["--once", "--max-duration", "PT6S"]);

    expect(await play.ended, play.said()).toBe(0);
    const story = play.said();
    for (const sentence of [
      /One line goes into the customer's global policy; every other byte stays/,
      /\+ +<inbound><include-fragment fragment-id="portcullis-containment" \/>/,
      /203\.0\.113\.66 walks through order numbers on the simulated gateway: 200 200 200 200 200/,
      /API_ParameterEnumeration, Medium, published to the Event Grid topic/,
      /enforce apim-block-ip on 203\.0\.113\.66 at orders, until 20/,
      /for: API_ParameterEnumeration \(Medium\) is answered by api-block-probing-caller/,
      /PUT …\/service\/contoso-shop\/policyFragments\/portcullis-containment\S* +If-Match: "/,
      /\+ +<address>203\.0\.113\.66<\/address>/,
      /apim-block-ip-[0-9a-f]+: verified/,
      /203\.0\.113\.66 → 403 +a customer, 192\.0\.2\.10 → 200/,
      /verified +\d\d:\d\d:\d\d\.\d\d\d +\+\d+ ms/,
      /released at \d\d:\d\d:\d\d UTC; 203\.0\.113\.66 → 200/,
    ]) {
      expect(story).toMatch(sentence);
    }
    expect(story).not.toContain("It keeps serving");
    await expectNothingLeft(play);
  });

  it("keeps serving after the play until Ctrl-C, then exits with 0", async () => {
    const play = await start(["--max-duration", "PT6S"]);
    await saying(play, "It keeps serving until Ctrl-C");
    const health = await fetch(`http://127.0.0.1:${play.ports.host}/api/health`);
    expect(health.status).toBe(200);

    ctrlC(play);

    expect(await play.ended, play.said()).toBe(0);
    await expectNothingLeft(play);
  });

  it.each([
    ["before anything is ready", ""],
    ["in the middle of the play", "The decision"],
  ])("exits with 0 at Ctrl-C %s", async (_, words) => {
    const play = await start();
    if (words) await saying(play, words);
    else await until("the first child to start", 10_000, () => childrenOf(play) > 0 || undefined);

    ctrlC(play);

    expect(await play.ended, play.said()).toBe(0);
    expect(play.said()).not.toMatch(/Error|failed/);
    await expectNothingLeft(play);
  });

  it("says that a play which was to be played once was interrupted", async () => {
    const play = await start(["--once"]);
    await saying(play, "The decision");

    ctrlC(play);

    expect(await play.ended, play.said()).toBe(130);
    expect(play.said()).toContain("interrupted before the play was over");
    await expectNothingLeft(play);
  });

  it("does not go on serving nothing when a process of it dies", async () => {
    const play = await start(["--max-duration", "PT6S"]);
    await saying(play, "It keeps serving until Ctrl-C");
    const processes = execFileSync("ps", ["-eo", "pid,args"], { encoding: "utf8" }).split("\n");
    const host = processes.find((line) => line.includes("local/host/main.ts") && line.includes(play.folder));
    process.kill(Number.parseInt(host ?? "", 10), "SIGKILL");

    expect(await play.ended, play.said()).toBe(1);
    expect(play.said()).toContain("the local host ended (SIGKILL)");
    await expectNothingLeft(play);
  });

  it("leaves no child behind when it is killed itself", async () => {
    const play = await start();
    await saying(play, "Portcullis on");

    play.child.kill("SIGKILL");

    expect(await play.ended).toBe("SIGKILL");
    await expectNothingLeft(play);
  });

  it("exits with 2 and names the port that is taken and the option that chooses another", async () => {
    const ports = await freePorts();
    const squatter = createServer().listen(ports.gateway, "127.0.0.1");
    await once(squatter, "listening");
    const refused = await start([], ports);

    expect(await refused.ended).toBe(2);
    expect(refused.said().trim()).toBe(`port ${ports.gateway} is taken; choose another with --gateway-port`);
    squatter.close();
    await once(squatter, "close");
    await expectNothingLeft(refused);
  });

  it.each([
    [["--prot", "7071"], /--prot/],
    [["--port", "http"], /--port: http is not a port/],
    [["--azure-port", "70000"], /--azure-port: 70000 is not a port/],
    [["--max-duration", "15s"], /--max-duration: .*PT4H/],
    [["now"], /now/],
  ])("exits with 2 at %j and says what there is", async (args, words) => {
    const refused = await start(args);

    expect(await refused.ended).toBe(2);
    expect(refused.said()).toMatch(words);
    expect(refused.said()).toContain("usage: npm start");
    await expectNothingLeft(refused);
  });
});

function childrenOf({ child }: Start): number {
  const parents = execFileSync("ps", ["-eo", "ppid"], { encoding: "utf8" }).split("\n");
  return parents.filter((line) => Number(line) === child.pid).length;
}
