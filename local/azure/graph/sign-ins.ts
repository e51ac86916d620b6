import { randomUUID } from "node:crypto";
import type { Clock } from "../../../shared/clock.ts";
import { syncDirectory } from "./directory-sync.ts";
import type { GraphResource, GraphState } from "./state.ts";
import { changesOf } from "./versions.ts";

const minute = 60_000;
const hour = 60 * minute;
const refreshTokenMs = 90 * 24 * hour;

/**
 * Near real time is the goal, and up to 15 minutes are documented: here it always takes that long, so that nobody counts on less.
 * https://learn.microsoft.com/entra/identity/conditional-access/concept-continuous-access-evaluation
 */
const eventMs = 15 * minute;

interface Session {
  outcome: "signed-in";
  accessToken: string;
  /** Of the access token. */
  expires: Date;
  /** Stands for the browser's cookie at Entra as well, which ends by the same events. */
  refreshToken: string;
}

/** https://learn.microsoft.com/entra/identity-platform/reference-error-codes */
interface Refusal {
  outcome: "refused";
  code:
    | "AADSTS50034"
    | "AADSTS50057"
    | "AADSTS50173"
    | "AADSTS700082"
    | "AADSTS700016"
    | "AADSTS7000112"
    | "AADSTS9002313";
}

type AppToken = Omit<Session, "refreshToken">;

/** Whether the client, or the resource that is called, knows continuous access evaluation. */
interface Capability {
  cae: boolean;
}

/** What users and applications can do in the tenant, as Entra and the resources behind it would let them. */
export interface SignIns {
  signIn(userId: string, client?: Capability): Session | Refusal;
  redeem(refreshToken: string): Session | Refusal;
  /** As an application; there is no refresh token. */
  signInApp(servicePrincipalId: string): AppToken | Refusal;
  /** 200, or 401 and why. */
  call(
    accessToken: string,
    resource: Capability,
  ): { status: 200 } | { status: 401; reason: "unknown" | "expired" | "revoked" };
}

/** What a token remembers. */
interface Issued {
  /** Undefined for an application's. */
  userId: string | undefined;
  client: Capability;
  at: number;
  expires: number;
  /** The latest write to the user that lies before. */
  after: ReturnType<typeof changesOf>[number] | undefined;
}

/**
 * What a revocation and a disabled account do to sessions, and what they leave alone. Not played: passwords, policies, single sign-out,
 * sessions that an application keeps by itself, and the minutes that a revocation may take to reach refresh tokens.
 */
export function createSignIns(state: GraphState, clock: Clock): SignIns {
  const refreshTokens = new Map<string, Issued>();
  const accessTokens = new Map<string, Issued>();
  let issued = 0;

  const now = () => clock.now().getTime();
  const userOf = (id: string) => {
    syncDirectory(state, clock.now());
    return state.users.find((user) => user.id === id);
  };

  /**
   * A random time of 60 to 90 minutes (https://learn.microsoft.com/entra/identity-platform/access-tokens#token-lifetime): here in turn, so
   * that a play ends the same each time.
   */
  const lifetime = () => (60 + ((issued++ * 7) % 31)) * minute;

  function issue(user: GraphResource, client: Capability): Session {
    const session = { userId: user.id, client, at: now(), after: changesOf(user).at(-1) };
    const expires = session.at + (client.cae ? 28 * hour : lifetime());
    const [accessToken, refreshToken] = [randomUUID(), randomUUID()];
    accessTokens.set(accessToken, { ...session, expires });
    refreshTokens.set(refreshToken, { ...session, expires: session.at + refreshTokenMs });
    return { outcome: "signed-in", accessToken, expires: new Date(expires), refreshToken };
  }

  return {
    signIn(userId, client = { cae: false }) {
      const user = userOf(userId);
      if (!user) return refused("AADSTS50034");
      if (user.accountEnabled === false) return refused("AADSTS50057");
      return issue(user, client);
    },
    redeem(refreshToken) {
      const token = refreshTokens.get(refreshToken);
      const user = token?.userId === undefined ? undefined : userOf(token.userId);
      if (!token || !user) return refused("AADSTS9002313");
      if (user.accountEnabled === false) return refused("AADSTS50057");
      if (now() >= token.expires) return refused("AADSTS700082");
      if (eventsOf(user, token).some(({ what }) => what === "revoked")) return refused("AADSTS50173");
      return issue(user, token.client);
    },
    signInApp(servicePrincipalId) {
      const servicePrincipal = state.servicePrincipals.find(({ id }) => id === servicePrincipalId);
      if (!servicePrincipal) return refused("AADSTS700016");
      if (servicePrincipal.accountEnabled === false) return refused("AADSTS7000112");
      const at = now();
      // Those of managed identities are kept for a day, whatever becomes of the identity.
      const expires = at + (servicePrincipal.servicePrincipalType === "ManagedIdentity" ? 24 * hour : lifetime());
      const accessToken = randomUUID();
      accessTokens.set(accessToken, { userId: undefined, client: { cae: false }, at, expires, after: undefined });
      return { outcome: "signed-in", accessToken, expires: new Date(expires) };
    },
    call(accessToken, resource) {
      const token = accessTokens.get(accessToken);
      if (!token) return { status: 401, reason: "unknown" };
      if (now() >= token.expires) return { status: 401, reason: "expired" };
      // "To use CAE, both your app and the resource API it's accessing must be CAE-enabled."
      // https://learn.microsoft.com/entra/identity-platform/app-resilience-continuous-access-evaluation
      const user = token.client.cae && resource.cae && token.userId !== undefined ? userOf(token.userId) : undefined;
      const heard = user !== undefined && eventsOf(user, token).some(({ at }) => now() >= at + eventMs);
      return heard ? { status: 401, reason: "revoked" } : { status: 200 };
    },
  };
}

/**
 * What happened to the user since the token was issued. A guest's session belongs to the home tenant: a revocation here leaves it alone, and
 * no event about guests is sent (https://learn.microsoft.com/entra/identity/conditional-access/concept-continuous-access-evaluation).
 */
function eventsOf(user: GraphResource, token: Issued): { what: "revoked" | "disabled"; at: number }[] {
  if (user.userType === "Guest") return [];
  const changes = changesOf(user);
  const since = changes.slice(token.after === undefined ? 0 : changes.indexOf(token.after) + 1);
  return since.flatMap(({ at, written, before, after }) => [
    ...(before?.accountEnabled !== false && after.accountEnabled === false ? [{ what: "disabled" as const, at }] : []),
    ...(written.includes("signInSessionsValidFromDateTime") ? [{ what: "revoked" as const, at }] : []),
  ]);
}

function refused(code: Refusal["code"]): Refusal {
  return { outcome: "refused", code };
}
