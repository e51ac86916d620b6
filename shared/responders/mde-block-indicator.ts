import * as z from "zod";
import { odataText } from "../azure/odata.ts";
import { understood } from "../azure/understood.ts";
import type { Command, CommandResponder } from "./responder.ts";

const Indicator = z.object({
  id: z.union([z.string(), z.number()]).transform(String),
  indicatorValue: z.string(),
  indicatorType: z.string(),
  action: z.string(),
  description: z.string().nullish(),
  expirationTime: z.string().nullish(),
  createdBy: z.string().nullish(),
});
type Indicator = z.infer<typeof Indicator>;
const Indicators = z.object({ value: z.array(Indicator) });

const blocking = ["block", "blockandremediate", "alertandblock"];

/** An indicator takes up to 48 hours until every machine knows it; that it is there is all that can be read. */
export const mdeBlockIndicator: CommandResponder<"indicator"> = {
  id: "mde-block-indicator",
  summary: "Block an address, domain, URL or file on all machines by an indicator of Defender for Endpoint.",
  kind: "command",
  point: "endpoint",
  target: "indicator",
  selectors: ["indicator"],
  params: z.strictObject({}),
  d3fend: "D3-OTF",
  permissions: [{ api: "WindowsDefenderATP", appRole: "Ti.ReadWrite.All" }],
  verifyWithinMs: 3_600_000,
  effect: ({ value }) => `Block ${value}`,

  refusal: ({ type, value }) =>
    type === "IpAddress" && value.includes("/") ? "an indicator is one address, not a range" : undefined,

  async look(command) {
    const found = await indicatorOf(command);
    if (!found) return { state: "free", summary: "no indicator" };
    const summary = `indicator ${found.id}: ${found.action}`;
    if (isOurs(found, command)) {
      // A later owner wants it for longer: sent again, it is replaced.
      return isLongEnough(found, command.until)
        ? { state: "held", summary, ours: true, memo: { id: found.id } }
        : { state: "free", summary };
    }
    // Sending one replaces what stands under the same value: somebody else's would be lost.
    return blocking.includes(found.action.toLowerCase())
      ? { state: "held", summary, ours: false }
      : { state: "impossible", reason: `somebody made ${summary} for it: remove that first` };
  },

  requests({ target, containmentId, until }) {
    return [
      {
        service: "endpoint",
        attempt: `block the indicator ${target.value.slice(0, 100)}`,
        method: "POST",
        path: "/api/indicators",
        body: {
          indicatorValue: target.value,
          indicatorType: target.type,
          action: "Block",
          generateAlert: true,
          title: `Portcullis ${containmentId}`,
          description: `Blocked by Portcullis, containment ${containmentId}`,
          application: "Portcullis",
          severity: "High",
          recommendedActions: "none",
          expirationTime: until.toISOString(),
        },
      },
    ];
  },

  async check(command) {
    const found = await indicatorOf(command);
    if (!found) return { state: "pending", reason: "the indicator is not listed yet" };
    if (!blocking.includes(found.action.toLowerCase()))
      return { state: "failed", reason: `the indicator says ${found.action}`, again: false };
    if (isOurs(found, command) && !isLongEnough(found, command.until))
      return { state: "failed", reason: "it ends before it is to end", again: true };
    return { state: "done" };
  },

  async undo(command) {
    const found = await indicatorOf(command);
    if (!found) return { leave: "the indicator has expired or was removed" };
    if (!isOurs(found, command)) return { leave: "somebody has replaced the indicator" };
    const path = `/api/indicators/${encodeURIComponent(found.id)}`;
    return { request: { service: "endpoint", attempt: `remove the indicator ${found.id}`, method: "DELETE", path } };
  },

  async undone(command) {
    const found = await indicatorOf(command);
    return found && isOurs(found, command)
      ? { state: "pending", reason: "the indicator is still listed" }
      : { state: "done" };
  },
};

async function indicatorOf({ ask, target }: Command<"indicator">): Promise<Indicator | undefined> {
  const attempt = `look for the indicator ${target.value.slice(0, 100)}`;
  const filter = `indicatorValue eq ${odataText(target.value)}`;
  const answer = await ask({
    service: "endpoint",
    attempt,
    method: "GET",
    path: `/api/indicators?$filter=${encodeURIComponent(filter)}`,
  });
  if (answer.status === 404) return undefined;
  return understood(attempt, answer, Indicators).value.find(
    ({ indicatorType, indicatorValue }) =>
      indicatorType === target.type && indicatorValue.toLowerCase() === target.value.toLowerCase(),
  );
}

function isOurs({ description }: Indicator, { containmentId }: Pick<Command, "containmentId">): boolean {
  return description?.includes(containmentId) ?? false;
}

/** The service cuts parts of a second. */
function isLongEnough({ expirationTime }: Indicator, until: Date): boolean {
  return expirationTime != null && Date.parse(expirationTime) >= until.getTime() - 1_000;
}
