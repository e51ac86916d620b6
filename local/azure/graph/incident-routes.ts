import { refuseOtherQueries } from "./collection.ts";
import { GraphFailure } from "./graph-failure.ts";
import { asRead } from "./later-members.ts";
import type { GraphRoute } from "./route.ts";
import { incidentKind, securityRecordRoutes } from "./security-records.ts";

/**
 * One incident of Defender XDR: reading and changing it, its comments and its alerts. One that was merged into another has the status
 * `redirected` and names the other in `redirectIncidentId`. Not played: the list of incidents, `$expand`, `$select`.
 */
export const incidentRoutes: readonly GraphRoute[] = [
  ...securityRecordRoutes(incidentKind),
  {
    operationId: "Graph_ListIncidentAlerts",
    method: "GET",
    path: "/security/incidents/{id}/alerts",
    permissions: incidentKind.read,
    answer(call) {
      const { url, state, params, seen } = call;
      refuseOtherQueries(url, []);
      if (!seen(state.incidents).some(({ id }) => id === params.id)) {
        throw new GraphFailure(404, "NotFound", "The requested incident was not found.");
      }
      const alerts = seen(state.alerts).filter(({ incidentId }) => incidentId === params.id);
      return { value: alerts.map((alert) => asRead(alert, call)) };
    },
  },
];
