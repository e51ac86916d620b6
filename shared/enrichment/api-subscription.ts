import type { Alert } from "../alerts/alert.ts";
import type { IpEntity } from "../alerts/entity.ts";
import { sameArmId } from "../arm-id.ts";
import type { CallsQuestion, GatewayLogs, LoggedCalls } from "../azure/log-analytics.ts";
import type { ApiSubscriptionFact, Facts } from "../playbooks/facts.ts";
import { ask, askAbout, type Budget, type Cache, createCache, keep, type LookUp, notAsked } from "./look-up.ts";

const limit = 10;
const minute = 60_000;
/** Alerts are raised after the fact, over windows of up to half an hour, and the attacker goes on. */
const before = 60 * minute;
const after = 10 * minute;
/**
 * Until when a line is usually there. Log Analytics takes 20 seconds to 3 minutes on average, and resource logs add up to 90 seconds
 * (https://learn.microsoft.com/azure/azure-monitor/logs/data-ingestion-time); twice that, because half of the lines take longer.
 */
const usualDelay = 9 * minute;

type Logged = Awaited<ReturnType<GatewayLogs["callsFrom"]>>;

/** Looks up with which API Management subscription (key) each attacker called: the alert names none, the gateway's log does. */
export function createApiSubscriptionLookUp(logs: GatewayLogs, services: readonly string[], budget: Budget) {
  const cache: Cache<Logged> = createCache(budget.clock);

  return async (alert: Alert, { service, endpoint }: Facts): Promise<LookUp<ApiSubscriptionFact>> => {
    if ("miss" in service) return notAsked(service.miss);
    // The letter case of the settings; a service that was not given is not asked about.
    const serviceId = services.find((id) => sameArmId(id, service.id));
    if (serviceId === undefined) return notAsked("this API Management service is not in PORTCULLIS_API_MANAGEMENT");
    const raised = Date.parse(alert.raisedAt);
    const from = new Date(raised - before);
    const until = new Date(raised + after);
    // Without the API all calls of the address to the service are counted: a spray goes to many.
    const api = "miss" in endpoint ? {} : { apiId: endpoint.apiId };
    const attackers = alert.entities.filter(
      (entity): entity is IpEntity => entity.kind === "ip" && entity.role === "attacker",
    );
    return askAbout(attackers, { limit, noun: "attacker address" }, ({ address }) =>
      ask(address, budget, async () => {
        const question: CallsQuestion = { serviceId, ...api, address, from, until };
        const { calls, incomplete } = await keep(cache, JSON.stringify(question), async () => {
          const at = budget.clock.now();
          const logged = await logs.callsFrom(question);
          const reasons = [logged.incomplete, tooEarly(at, until)].filter((reason) => reason !== undefined);
          return reasons.length > 0 ? { ...logged, incomplete: reasons.join("; ") } : logged;
        });
        return {
          from: from.toISOString(),
          until: until.toISOString(),
          subscriptions: bySubscription(calls),
          incomplete,
        };
      }),
    );
  };
}

function tooEarly(at: Date, until: Date): string | undefined {
  if (at.getTime() >= until.getTime() + usualDelay) return undefined;
  return `asked at ${at.toISOString()}, when the log of the calls until ${until.toISOString()} could not be whole`;
}

function bySubscription(calls: readonly LoggedCalls[]): ApiSubscriptionFact["subscriptions"] {
  return [...Map.groupBy(calls, ({ subscriptionId }) => subscriptionId)]
    .map(([id, of]) => ({
      id,
      calls: of.reduce((sum, one) => sum + one.calls, 0),
      statuses: of.map(({ status, calls: count }) => ({ status, calls: count })),
      firstCallAt: of.map(({ first }) => first).sort()[0] ?? "",
      lastCallAt:
        of
          .map(({ last }) => last)
          .sort()
          .at(-1) ?? "",
    }))
    .sort((a, b) => b.calls - a.calls);
}
