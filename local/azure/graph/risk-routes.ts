import * as z from "zod";
import { refuseOtherQueries } from "./collection.ts";
import { absentResource } from "./graph-failure.ts";
import { asRead } from "./later-members.ts";
import { readBody } from "./request-body.ts";
import type { GraphCall, GraphRoute } from "./route.ts";
import type { GraphResource, GraphState } from "./state.ts";
import { change, create } from "./versions.ts";

/** Whom Identity Protection keeps a risk of. */
interface Risky {
  /** `RiskyUser`: of which operation ids are made, and the path. */
  name: "RiskyUser" | "RiskyServicePrincipal";
  permission: "IdentityRiskyUser" | "IdentityRiskyServicePrincipal";
  Ids: z.ZodType<readonly string[]>;
  list(state: GraphState): GraphResource[];
  directory(state: GraphState): readonly GraphResource[];
  /** What a risk says about its user or service principal. */
  about(account: GraphResource): object;
  confirmed: string;
  dismissed: string;
}

const ids = z.array(z.guid()).min(1);

const riskyUsers: Risky = {
  name: "RiskyUser",
  permission: "IdentityRiskyUser",
  Ids: z.strictObject({ userIds: ids }).transform(({ userIds }) => userIds),
  list(state) {
    state.riskyUsers ??= [];
    return state.riskyUsers;
  },
  directory: (state) => state.users,
  about: ({ displayName = null, userPrincipalName = null }) => ({
    isDeleted: false,
    userDisplayName: displayName,
    userPrincipalName,
  }),
  confirmed: "adminConfirmedUserCompromised",
  dismissed: "adminDismissedAllRiskForUser",
};

const riskyServicePrincipals: Risky = {
  name: "RiskyServicePrincipal",
  permission: "IdentityRiskyServicePrincipal",
  Ids: z.strictObject({ servicePrincipalIds: ids }).transform(({ servicePrincipalIds }) => servicePrincipalIds),
  list(state) {
    state.riskyServicePrincipals ??= [];
    return state.riskyServicePrincipals;
  },
  directory: (state) => state.servicePrincipals,
  about: ({ displayName = null, appId = null, servicePrincipalType = null, accountEnabled = true }) => ({
    displayName,
    appId,
    servicePrincipalType,
    isEnabled: accountEnabled,
  }),
  confirmed: "adminConfirmedServicePrincipalCompromised",
  dismissed: "adminDismissedAllRiskForServicePrincipal",
};

/**
 * Risky users and service principals of Identity Protection. How Graph answers an id that nobody has is documented nowhere; here that is
 * 404 and the whole call does nothing. Dismissing the risk of who has none changes nothing. Not played: lists, history, `confirmSafe`,
 * `$select`, the licence that they need, and policies that act on a risk.
 */
export const riskRoutes: readonly GraphRoute[] = [riskyUsers, riskyServicePrincipals].flatMap(routesOf);

function routesOf(risky: Risky): GraphRoute[] {
  const { name, permission, list } = risky;
  const path = `/identityProtection/${name.charAt(0).toLowerCase()}${name.slice(1)}s`;
  const write = [`${permission}.ReadWrite.All`];

  /** `settle` is told whom; there is no risk of theirs where Identity Protection has none. */
  function actsOnAll(settle: (state: GraphState, id: string, risk: GraphResource | undefined, now: Date) => void) {
    return (call: GraphCall) => {
      const { state, now } = call;
      const asked = new Set(readBody(call, { schema: risky.Ids, resource: name, code: "BadRequest" }));
      const unknown = [...asked].find((id) => !byId(list(state), id) && !byId(risky.directory(state), id));
      if (unknown !== undefined) throw absentResource(unknown);
      for (const id of asked) settle(state, id, byId(list(state), id), now);
    };
  }

  return [
    {
      operationId: `Graph_Get${name}`,
      method: "GET",
      path: `${path}/{id}`,
      permissions: [`${permission}.Read.All`, ...write],
      answer(call) {
        refuseOtherQueries(call.url, []);
        const { id = "" } = call.params;
        const risk = byId(call.seen(list(call.state)), id);
        if (!risk) throw absentResource(id);
        return asRead(risk, call);
      },
    },
    {
      operationId: `Graph_Confirm${name}Compromised`,
      method: "POST",
      path: `${path}/confirmCompromised`,
      permissions: write,
      answer: actsOnAll((state, id, risk, now) => {
        const confirmed = {
          riskLevel: "high",
          riskState: "confirmedCompromised",
          riskDetail: risky.confirmed,
          riskLastUpdatedDateTime: now.toISOString(),
        };
        if (risk) change(list(state), risk, confirmed, now);
        else {
          const about = risky.about(byId(risky.directory(state), id) ?? { id });
          create(list(state), { id, isProcessing: false, ...about, ...confirmed }, now);
        }
      }),
    },
    {
      operationId: `Graph_Dismiss${name}`,
      method: "POST",
      path: `${path}/dismiss`,
      permissions: write,
      answer: actsOnAll((state, _id, risk, now) => {
        if (!risk) return;
        const dismissed = { riskLevel: "none", riskState: "dismissed", riskDetail: risky.dismissed };
        change(list(state), risk, { ...dismissed, riskLastUpdatedDateTime: now.toISOString() }, now);
      }),
    },
  ];
}

function byId(resources: readonly GraphResource[], id: string): GraphResource | undefined {
  return resources.find((one) => one.id.toLowerCase() === id.toLowerCase());
}
