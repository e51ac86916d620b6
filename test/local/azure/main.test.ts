import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { text } from "node:stream/consumers";
import { pathToFileURL } from "node:url";
import { afterAll, describe, expect, it } from "vitest";

const entry = resolve(import.meta.dirname, "../../../local/azure/main.ts");
const contoso = pathToFileURL(resolve(import.meta.dirname, "api-management/contoso.ts")).href;
const folder = mkdtempSync(join(tmpdir(), "world-"));
const world = join(folder, "world.ts");
writeFileSync(
  world,
  `import { contoso } from ${JSON.stringify(contoso)};\nexport const services = () => [contoso()];\n`,
);
afterAll(() => rmSync(folder, { recursive: true }));

const run = (...args: string[]) => spawn(process.execPath, [entry, ...args], { stdio: ["ignore", "pipe", "pipe"] });

describe("the simulated Azure as a process", () => {
  it.each(["SIGINT", "SIGTERM"] as const)(
    "says where it is when it is ready, and leaves with 0 on %s",
    async (signal) => {
      const child = run("--port", "0", "--gateway-port", "0", "--world", world);
      const ready = JSON.parse(await firstLine(child));

      const catalogue = await fetch(`${ready.url}/_simulator/calls`);
      child.kill(signal);

      expect(ready).toEqual({
        ready: true,
        url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
        gatewayUrl: expect.any(String),
      });
      expect(catalogue.status).toBe(200);
      expect(await once(child, "exit")).toEqual([0, null]);
    },
  );

  it("leaves with 2 and names the port when it is taken", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    const address = other.address();
    const port = String(typeof address === "object" ? address?.port : undefined);

    const child = run("--port", "0", "--gateway-port", port, "--world", world);
    const [complaint, [code]] = await Promise.all([text(child.stderr), once(child, "exit")]);
    other.close();

    expect(code).toBe(2);
    expect(complaint).toContain(`Port ${port}, wanted for the simulated API gateway, is taken`);
  });

  it.each([
    [[], "--world"],
    [["--world", join(folder, "nowhere.ts")], "nowhere.ts"],
    [["--world", world, "--port", "many"], "--port must be a whole number"],
    [["--world", world, "--colour"], "--colour"],
  ])("leaves with 1 and a hint for %j", async (args, hint) => {
    const child = run(...args);
    const [complaint, [code]] = await Promise.all([text(child.stderr), once(child, "exit")]);

    expect(code).toBe(1);
    expect(complaint).toContain(hint);
    expect(complaint).toContain("Usage:");
  });
});

async function firstLine(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new Error("The child has no output.");
  for await (const chunk of child.stdout) return String(chunk).split("\n")[0] ?? "";
  throw new Error("The child ended without a word.");
}
