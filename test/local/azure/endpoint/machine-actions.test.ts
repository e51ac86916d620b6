import { readFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import * as z from "zod";
import { createEndpointHost } from "../../../../local/azure/endpoint/endpoint-host.ts";
import {
  type EndpointState,
  endpointState,
  simulatedMachine,
} from "../../../../local/azure/endpoint/endpoint-state.ts";
import { actAsPerson, isolationOf, machineFlow } from "../../../../local/azure/endpoint/machine-actions.ts";
import { type SimulatedAzure, startSimulatedAzure } from "../../../../local/azure/simulated-azure.ts";
import { aServiceCredential } from "../../../support/a-service-credential.ts";
import { createManualClock, type ManualClock } from "../../../support/manual-clock.ts";
import { referenceAbsent, referencePath } from "../../../support/reference-material.ts";

const machine = "1e5bc9d7e413ddd7902c2932e418702b84d0cc07";
const sha1 = "87662bc3d60e4200ceaf7aae249d1c343f4b83c9";
const day = 24 * 3_600_000;

let clock: ManualClock;
let state: EndpointState;
let azure: SimulatedAzure;

beforeEach(async () => {
  clock = createManualClock("2026-11-23T09:30:00.000Z");
  state = endpointState({ machines: [simulatedMachine({ id: machine })] });
  const hosts = [createEndpointHost(state)];
  azure = await startSimulatedAzure({ port: 0, gatewayPort: 0, clock, services: [], hosts });
});
afterEach(() => azure.close());

const Answer = z.looseObject({
  id: z.string().optional(),
  status: z.string().optional(),
  type: z.string().optional(),
  value: z.array(z.looseObject({})).optional(),
  error: z.object({ code: z.string(), message: z.string() }).optional(),
});

async function ask(method: string, path: string, body?: unknown) {
  const token = await aServiceCredential(clock).getToken("https://api.securitycenter.microsoft.com/.default");
  const response = await fetch(`${azure.url}/api.security.microsoft.com${path}`, {
    method,
    headers: { authorization: `Bearer ${token?.token}` },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    body: Answer.parse(text === "" ? {} : JSON.parse(text)),
  };
}

const isolate = (body: unknown = { Comment: "alert 1234", IsolationType: "Full" }) =>
  ask("POST", `/api/machines/${machine}/isolate`, body);
const statusOf = async (id: string | undefined) => (await ask("GET", `/api/machineactions/${id}`)).body.status;
const told = ({ status, body }: Awaited<ReturnType<typeof ask>>) =>
  [status, body.error?.code].filter(Boolean).join(" ");

describe("an action at a machine", () => {
  it("is Pending, then InProgress, then Succeeded, and has its effect then", async () => {
    const { status, body } = await isolate();
    expect([status, body.status]).toEqual([201, "Pending"]);
    expect(isolationOf(state, machine, clock.now())).toBe("none");

    await clock.advance(1_500);
    expect(await statusOf(body.id)).toBe("InProgress");
    await clock.advance(3_000);

    expect(await statusOf(body.id)).toBe("Succeeded");
    expect(machineFlow(state, machine, "anywhere", clock.now())).toBe("blocked");
    expect(machineFlow(state, machine, "defender", clock.now())).toBe("allowed");
  });

  it("waits three days for a machine that is switched off, and is given up then", async () => {
    state.offline.add(machine);
    const { body } = await isolate();
    await clock.advance(3 * day - 1_000);
    expect(await statusOf(body.id)).toBe("Pending");
    await clock.advance(1_000);

    expect((await ask("GET", `/api/machineactions/${body.id}`)).body).toMatchObject({
      status: "TimeOut",
      errorHResult: -2145844840,
    });
    state.offline.clear();
    expect(isolationOf(state, machine, clock.now())).toBe("none");
  });

  it("is refused or answered with the first one when it is asked for twice", async () => {
    const first = await isolate();

    expect(told(await isolate())).toBe("400 ActiveRequestAlreadyExists");
    expect((await isolate()).body.id).toBe(first.body.id);
    expect(state.actions).toHaveLength(1);
  });

  it("can be cancelled while it is not over, with a comment", async () => {
    const { body } = await isolate();
    const cancel = `/api/machineactions/${body.id}/cancel`;
    expect(told(await ask("POST", cancel, {}))).toBe("400 MissingRequiredParameter");

    expect((await ask("POST", cancel, { Comment: "no longer" })).body).toMatchObject({
      status: "Cancelled",
      cancellationComment: "no longer",
      errorHResult: -2147467260,
    });
    expect(told(await ask("POST", cancel, { Comment: "again" }))).toBe("400 BadRequest");
  });

  it("is found by its machine, also where a person asked for it in the portal", async () => {
    actAsPerson(state, clock.now(), { machineId: machine, type: "Isolate", comment: "by hand", scope: "Full" });
    const filter = encodeURIComponent(`machineId eq '${machine}' and type eq 'Isolate'`);

    expect((await ask("GET", `/api/machineactions?$filter=${filter}`)).body.value).toMatchObject([
      { requestSource: "Portal", requestorComment: "by hand", status: "Pending" },
    ]);
    expect(told(await ask("GET", "/api/machineactions?$filter=colour%20eq%20'red'"))).toBe("400 ODataError");
  });

  it.each([
    ["no comment", "isolate", { IsolationType: "Full" }, "400 MissingRequiredParameter"],
    ["a comment in small letters", "isolate", { comment: "x", IsolationType: "Full" }, "400 MissingRequiredParameter"],
    ["no kind of isolation", "isolate", { Comment: "x" }, "400 MissingRequiredParameter"],
    ["a kind that there is not", "isolate", { Comment: "x", IsolationType: "Half" }, "400 InvalidInput"],
    ["a SHA-256", "StopAndQuarantineFile", { Comment: "x", Sha1: "a".repeat(64) }, "400 InvalidHashValue"],
    ["no kind of scan", "runAntiVirusScan", { Comment: "x" }, "400 MissingRequiredParameter"],
  ])("is refused with %s", async (_, verb, body, answer) => {
    expect(told(await ask("POST", `/api/machines/${machine}/${verb}`, body))).toBe(answer);
    expect(state.actions).toEqual([]);
  });

  it("is refused at a machine that there is not, at another system, and without its own role", async () => {
    expect(
      told(await ask("POST", `/api/machines/${"0".repeat(40)}/isolate`, { Comment: "x", IsolationType: "Full" })),
    ).toBe("404 ResourceNotFound");
    Object.assign(state.machines[0] ?? {}, { osPlatform: "Linux" });
    expect(told(await ask("POST", `/api/machines/${machine}/restrictCodeExecution`, { Comment: "x" }))).toBe(
      "400 OsPlatformNotSupported",
    );
    state.permissions.delete("Machine.Isolate");
    expect(told(await isolate())).toBe("403 Forbidden");
    expect(state.actions).toEqual([]);
  });

  it("is asked for a hundred times a minute, and no more", async () => {
    for (let index = 0; index < 100; index++) await isolate({});
    const { status, headers, body } = await isolate();

    expect([status, body.error?.code]).toEqual([429, "429"]);
    expect(Number(headers.get("retry-after"))).toBeGreaterThan(0);
  });

  it("comes one after another in the order of their asking: isolate, release", async () => {
    state.answersDuplicates = "existing";
    await isolate();
    await ask("POST", `/api/machines/${machine}/unisolate`, { Comment: "back" });
    await clock.advance(20_000);

    expect(isolationOf(state, machine, clock.now())).toBe("none");
  });
});

describe("an indicator", () => {
  const indicator = {
    indicatorValue: "203.0.113.7",
    indicatorType: "IpAddress",
    action: "Block",
    title: "t",
    description: "d",
    expirationTime: "2026-11-23T10:30:00.000Z",
  };
  const submit = (changes: object = {}) => ask("POST", "/api/indicators", { ...indicator, ...changes });
  const listed = async () => (await ask("GET", "/api/indicators")).body.value ?? [];

  it("is made, replaced by its value and type, listed and removed", async () => {
    const made = await submit();
    const replaced = await submit({ action: "Allowed" });

    expect([made.status, replaced.body.id]).toEqual([200, made.body.id]);
    expect(await listed()).toMatchObject([{ action: "Allowed" }]);
    expect((await ask("DELETE", `/api/indicators/${made.body.id}`)).status).toBe(204);
    expect((await ask("DELETE", `/api/indicators/${made.body.id}`)).status).toBe(404);
  });

  it("ends by itself", async () => {
    await submit();
    await clock.advance(3_600_000);

    expect(await listed()).toEqual([]);
  });

  it.each([
    ["a range", { indicatorValue: "203.0.113.0/24" }, "400 InvalidIpAddress"],
    ["a private address", { indicatorValue: "10.0.0.1" }, "400 InvalidIpAddress"],
    ["a short hash", { indicatorType: "FileSha1", indicatorValue: "abc" }, "400 InvalidHashValue"],
    ["an action that there is not", { action: "Stop" }, "400 InvalidRequestBody"],
  ])("of %s is refused", async (_, changes, answer) => {
    expect(told(await submit(changes))).toBe(answer);
    expect(await listed()).toEqual([]);
  });
});

const examples = referencePath("mde-graph-examples", "mde");
const Published = z.object({
  request: z.object({ method: z.string(), url: z.string(), body: z.unknown() }),
  response: z.object({ status: z.number(), body: z.looseObject({}).nullish() }),
});

describe.skipIf(examples === undefined)(`the published examples (${examples ? "read" : referenceAbsent})`, () => {
  it.each([
    "isolate-machine",
    "isolate-machine-selective",
    "unisolate-machine",
    "restrict-code-execution",
    "run-antivirus-scan",
    "stop-and-quarantine-file",
    "collect-investigation-package",
    "create-indicator",
    "create-indicator-ip-block",
    "create-indicator-invalid-ip",
  ])("%s is answered with the status and every field that it shows", async (name) => {
    const { request, response } = Published.parse(JSON.parse(readFileSync(`${examples}/${name}.json`, "utf8")));
    const id = /machines\/([0-9a-f]+)\//.exec(request.url)?.[1];
    if (id !== undefined) state.machines = [{ ...simulatedMachine({ id: machine }), id }];
    // An indicator of 2020 is over.
    const body = JSON.parse(JSON.stringify(request.body).replace("2020-12-12", "2027-12-12"));

    const answer = await ask(request.method, new URL(request.url).pathname, body);

    expect(answer.status).toBe(response.status);
    const fields = Object.keys(response.body ?? {}).filter((field) => !field.startsWith("@"));
    expect(Object.keys(answer.body)).toEqual(expect.arrayContaining(fields));
    if (answer.status === 400)
      expect(answer.body.error?.code).toBe(z.object({ code: z.string() }).parse(response.body?.error).code);
  });
});

it("names the file that is to be put into quarantine", async () => {
  const answer = await ask("POST", `/api/machines/${machine}/StopAndQuarantineFile`, { Comment: "x", Sha1: sha1 });

  expect(answer.body).toMatchObject({ type: "StopAndQuarantineFile", relatedFileInfo: { fileIdentifier: sha1 } });
});
