import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { aStack, type TestStack } from "./support/a-stack.ts";
import { callApi, forgetCalls, writes } from "./support/observe.ts";
import { releaseAll, runPlaybook } from "./support/run-playbook.ts";

const robin = "0d9c1b2a-3e4f-4a5b-8c6d-7e8f9a0b1c2d";
const reportBuilder = "7b8c9d0e-1f2a-4b3c-9d4e-5f6a7b8c9d0e";
const enforce = { mode: "enforce" };

let stack: TestStack;
beforeAll(async () => {
  stack = await aStack({ settings: { PORTCULLIS_SWEEP_SCHEDULE: "*/2 * * * * *" } });
});
afterAll(() => stack.close());
beforeEach(() => forgetCalls(stack));

const callWithKey = async (key: string) => {
  const response = await fetch(`${stack.gatewayUrl}/orders/1001`, {
    headers: { "ocp-apim-subscription-key": key, "X-Simulated-Client-Ip": "192.0.2.10" },
  });
  await response.body?.cancel();
  return response.status;
};

describe("a user whose account was taken over", () => {
  it("is shown with the exact requests, and nothing is sent, while it is observed", async () => {
    const { decision, plans } = await runPlaybook(stack, "contain-user", { target: { user: "robin@contoso.example" } });

    expect(decision.steps.map(({ verdict }) => verdict)).toEqual(["observe", "observe", "observe"]);
    expect(plans.flatMap(({ requests }) => requests.map(({ method, url }) => `${method} ${url}`))).toEqual([
      `PATCH https://graph.microsoft.com/v1.0/users/${robin}`,
      `POST https://graph.microsoft.com/v1.0/users/${robin}/revokeSignInSessions`,
      "POST https://graph.microsoft.com/v1.0/identityProtection/riskyUsers/confirmCompromised",
    ]);
    expect(await writes(stack)).toEqual([]);
  });

  it("is disabled before the sessions are revoked, verified, and enabled again when the containment ends", async () => {
    const run = await runPlaybook(stack, "contain-user", { target: { user: robin }, ...enforce });

    expect(run.outcomes.map(({ state }) => state)).toEqual(["verified", "verified", "verified"]);
    expect(await writes(stack)).toEqual([
      "Graph_UpdateUser",
      "Graph_RevokeSignInSessions",
      "Graph_ConfirmRiskyUserCompromised",
    ]);
    await releaseAll(stack, run);
    expect((await writes(stack)).slice(3).toSorted()).toEqual(["Graph_DismissRiskyUser", "Graph_UpdateUser"]);
  });

  it("is refused with the reason when the directory does not know them", async () => {
    const target = { user: "nobody@contoso.example" };
    const { decision } = await runPlaybook(stack, "contain-user", { target, ...enforce });

    for (const { verdict, against } of decision.steps) {
      expect(verdict).toBe("refuse");
      expect(against.join()).toContain("the directory knows no user of that name");
    }
  });
});

it("an application is disabled as the second identity", async () => {
  const target = { application: reportBuilder };
  const { outcomes } = await runPlaybook(stack, "contain-application", { target, ...enforce });

  expect(outcomes).toMatchObject([{ state: "verified" }]);
});

describe("a machine", () => {
  it("is not touched where the settings protect it", async () => {
    const { decision } = await runPlaybook(stack, "contain-machine", {
      target: { machine: "dc-1.contoso.example" },
      ...enforce,
    });

    for (const { verdict, against } of decision.steps) {
      expect(verdict).toBe("refuse");
      expect(against.join()).toContain("PORTCULLIS_PROTECTED_MACHINES");
    }
    expect(await writes(stack)).toEqual([]);
  });
});

it("a block of addresses is forbidden at the gateway as a range, and others go on", async () => {
  const target = { address: "203.0.113.64/26" };
  const run = await runPlaybook(stack, "api-block-hostile-address", { target, ...enforce });

  expect(run.outcomes).toMatchObject([{ state: "verified" }]);
  expect(run.plans[0]?.diff).toContain('<address-range from="203.0.113.64" to="203.0.113.127"/>');
  const from = ["203.0.113.63", "203.0.113.64", "203.0.113.127", "203.0.113.128"];
  expect(await Promise.all(from.map((address) => callApi(stack, address)))).toEqual([200, 403, 403, 200]);
  await releaseAll(stack, run);
});

it("a key that the attacker has opens nothing while its subscription is suspended", async () => {
  const run = await runPlaybook(stack, "suspend-api-subscription", {
    target: { subscription: "partner-fabrikam" },
    ...enforce,
  });

  expect(run.outcomes).toMatchObject([{ state: "verified" }]);
  expect(await writes(stack)).toEqual(["Subscription_Update"]);
  await releaseAll(stack, run);
  expect(await callWithKey("local-only-subscription-key")).toBe(200);
});

it("new keys are made by a person's word only, and neither old nor new ones are shown", async () => {
  const { decision, outcomes, plans } = await runPlaybook(stack, "rotate-api-keys", {
    target: { subscription: "partner-fabrikam" },
    ...enforce,
  });

  expect(outcomes).toMatchObject([{ state: "verified" }]);
  expect(plans.flatMap(({ doubts }) => doubts).join()).toContain("cannot be taken back");
  const shown = JSON.stringify({ decision, outcomes, plans }) + stack.hostLog();
  expect(shown).not.toContain("local-only-subscription-key");
  expect(shown).not.toContain("local-only-second-subscription-key");
});
