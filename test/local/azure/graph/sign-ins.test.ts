import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createSignIns, type SignIns } from "../../../../local/azure/graph/sign-ins.ts";
import { type OpenGraph, openGraph } from "./open-graph.ts";

const minute = 60_000;
const hour = 60 * minute;
const ada = "6ea91a8d-e32e-41a1-b7bd-d2d185eed0e0";
const guest = "29f270bb-4d23-4f68-8a57-dc73dc0d4caf";
const app = "9089a539-a539-9089-39a5-899039a58990";
const robot = "9089a539-a539-9089-39a5-899039a58991";
const cae = { cae: true };
const plain = { cae: false };

let graph: OpenGraph;
let signIns: SignIns;

beforeEach(async () => {
  graph = await openGraph();
  graph.state.users = [
    { id: ada, accountEnabled: true, userType: "Member" },
    { id: guest, accountEnabled: true, userType: "Guest" },
  ];
  graph.state.servicePrincipals = [
    { id: app, accountEnabled: true, servicePrincipalType: "Application" },
    { id: robot, accountEnabled: true, servicePrincipalType: "ManagedIdentity" },
  ];
  signIns = createSignIns(graph.state, graph.clock);
});
afterEach(() => graph.close());

function signedIn(userId: string, client = plain) {
  const session = signIns.signIn(userId, client);
  if (session.outcome === "refused") throw new Error(`${userId} cannot sign in: ${session.code}`);
  return session;
}
const revoke = (userId: string) => graph.told(`POST /users/${userId}/revokeSignInSessions`);
const disable = (what: string) => graph.told(`PATCH ${what}`, { accountEnabled: false });
const refused = (code: string) => ({ outcome: "refused", code });

describe("a session", () => {
  it("has access tokens of an hour to an hour and a half, and goes on with new ones", async () => {
    const lifetimes = Array.from({ length: 40 }, () => signedIn(ada).expires.getTime() - graph.clock.now().getTime());
    expect([Math.min(...lifetimes), Math.max(...lifetimes)]).toEqual([60 * minute, 90 * minute]);

    const { accessToken, refreshToken, expires } = signedIn(ada);
    await graph.clock.advance(expires.getTime() - graph.clock.now().getTime() - 1);
    expect(signIns.call(accessToken, plain)).toEqual({ status: 200 });
    await graph.clock.advance(1);
    expect(signIns.call(accessToken, plain)).toEqual({ status: 401, reason: "expired" });
    expect(signIns.redeem(refreshToken)).toMatchObject({ outcome: "signed-in" });
    await graph.clock.advance(90 * 24 * hour);
    expect(signIns.redeem(refreshToken)).toEqual(refused("AADSTS700082"));
  });

  it("is nobody's with tokens that Entra did not give", () => {
    const { accessToken, refreshToken } = signedIn(ada);

    expect(signIns.redeem(accessToken)).toEqual(refused("AADSTS9002313"));
    expect(signIns.call(refreshToken, plain)).toEqual({ status: 401, reason: "unknown" });
    expect(signIns.signIn(app)).toEqual(refused("AADSTS50034"));
  });
});

describe("after a revocation", () => {
  it("sessions get no new tokens, and whoever knows the password signs in anew", async () => {
    const { refreshToken } = signedIn(ada);
    await revoke(ada);

    expect(signIns.redeem(refreshToken)).toEqual(refused("AADSTS50173"));
    const fresh = signedIn(ada);
    expect(signIns.redeem(fresh.refreshToken)).toMatchObject({ outcome: "signed-in" });
    await revoke(ada);
    expect(signIns.redeem(fresh.refreshToken)).toEqual(refused("AADSTS50173"));
  });

  it("access tokens live on until they expire", async () => {
    const { accessToken, expires } = signedIn(ada);
    await revoke(ada);

    await graph.clock.advance(expires.getTime() - graph.clock.now().getTime() - 1);
    expect(signIns.call(accessToken, plain)).toEqual({ status: 200 });
    expect(signIns.call(accessToken, cae)).toEqual({ status: 200 });
  });

  it("those of 28 hours fail within 15 minutes where access is evaluated continuously, and nowhere else", async () => {
    const { accessToken, expires } = signedIn(ada, cae);
    expect(expires.getTime() - graph.clock.now().getTime()).toBe(28 * hour);
    await revoke(ada);

    await graph.clock.advance(15 * minute - 1);
    expect(signIns.call(accessToken, cae)).toEqual({ status: 200 });
    await graph.clock.advance(1);
    expect(signIns.call(accessToken, cae)).toEqual({ status: 401, reason: "revoked" });
    await graph.clock.advance(27 * hour);
    expect(signIns.call(accessToken, plain)).toEqual({ status: 200 });
  });

  it("a guest goes on as before: the session is the home tenant's", async () => {
    const { accessToken, refreshToken } = signedIn(guest, cae);
    expect(await revoke(guest)).toBe("200");

    await graph.clock.advance(hour);
    expect(signIns.call(accessToken, cae)).toEqual({ status: 200 });
    expect(signIns.redeem(refreshToken)).toMatchObject({ outcome: "signed-in" });
  });
});

describe("a disabled user", () => {
  it("cannot sign in or go on, and keeps the access token", async () => {
    const { accessToken, refreshToken } = signedIn(ada);
    await disable(`/users/${ada}`);

    expect(signIns.signIn(ada)).toEqual(refused("AADSTS50057"));
    expect(signIns.redeem(refreshToken)).toEqual(refused("AADSTS50057"));
    await graph.clock.advance(59 * minute);
    expect(signIns.call(accessToken, plain)).toEqual({ status: 200 });
  });

  it("loses the access token within 15 minutes where access is evaluated continuously", async () => {
    const { accessToken } = signedIn(ada, cae);
    await disable(`/users/${ada}`);

    await graph.clock.advance(15 * minute);
    expect(signIns.call(accessToken, cae)).toEqual({ status: 401, reason: "revoked" });
  });

  it("goes on with the old session once enabled again, if nobody revoked it", async () => {
    const { refreshToken } = signedIn(ada);
    await disable(`/users/${ada}`);
    await graph.told(`PATCH /users/${ada}`, { accountEnabled: true });

    expect(signIns.redeem(refreshToken)).toMatchObject({ outcome: "signed-in" });
  });

  it("who is a guest cannot come back either", async () => {
    const { refreshToken } = signedIn(guest);
    await disable(`/users/${guest}`);

    expect(signIns.redeem(refreshToken)).toEqual(refused("AADSTS50057"));
  });

  it("whom Active Directory enables again is back after the sync", async () => {
    graph.state.syncEveryMs = hour;
    for (const user of graph.state.users) user.onPremisesSyncEnabled = true;
    await disable(`/users/${ada}`);
    expect(signIns.signIn(ada)).toEqual(refused("AADSTS50057"));

    await graph.clock.advance(hour);
    expect(signIns.signIn(ada)).toMatchObject({ outcome: "signed-in" });
  });
});

describe("a disabled application", () => {
  it.each([
    [app, 59 * minute, 2 * hour],
    [robot, 24 * hour - 1, 24 * hour],
  ])("%s gets no new token and keeps the one that it has", async (id, alive, over) => {
    const token = signIns.signInApp(id);
    if (token.outcome === "refused") throw new Error(token.code);
    await disable(`/servicePrincipals/${id}`);

    expect(signIns.signInApp(id)).toEqual(refused("AADSTS7000112"));
    await graph.clock.advance(alive);
    expect(signIns.call(token.accessToken, cae)).toEqual({ status: 200 });
    await graph.clock.advance(over - alive);
    expect(signIns.call(token.accessToken, cae)).toEqual({ status: 401, reason: "expired" });
  });

  it("that is not there has no token", () => {
    expect(signIns.signInApp(ada)).toEqual(refused("AADSTS700016"));
  });
});
