import * as z from "zod";
import type { TargetOf } from "../ledger/target.ts";
import type { Ask, AzureRequest } from "./ask.ts";
import { understood } from "./understood.ts";

type AlertTarget = TargetOf<"alert">;

/**
 * What an alert may be set to. That an attack was contained does not make the finding true, so none of them says so: that is a person's to
 * say.
 */
export const AlertStatus = z.enum(["in-progress", "resolved", "false-positive", "benign"]);
export type AlertStatus = z.infer<typeof AlertStatus>;

/** https://learn.microsoft.com/rest/api/defenderforcloud/alerts */
const defenderForCloud = "api-version=2022-01-01";

const ArmAlert = z.object({ properties: z.object({ status: z.string() }) });
const GraphRecord = z.object({
  status: z.string(),
  classification: z.string().nullish(),
  redirectIncidentId: z.string().nullish(),
  comments: z.array(z.object({ comment: z.string().nullish() })).nullish(),
});
const CloudAppsAlert = z.object({ resolutionStatusValue: z.number().nullish() });

/** How a product keeps an alert, in its own words. */
export interface AlertRecord {
  status: string;
  classification?: string;
  /** The incident that it was merged into: what is written to this one does not get there. */
  mergedInto?: string;
  comments: readonly string[];
}

/** Undefined where the product has no such alert. */
export async function readAlertRecord(ask: Ask, target: AlertTarget): Promise<AlertRecord | undefined> {
  const attempt = `read the ${target.product} ${target.id.slice(-80)}`;
  const answer = await ask({ ...address(target), attempt, method: "GET" });
  if (answer.status === 404) return undefined;
  switch (target.product) {
    case "defender-for-cloud":
      return { status: understood(attempt, answer, ArmAlert).properties.status, comments: [] };
    case "cloud-apps": {
      const { resolutionStatusValue } = understood(attempt, answer, CloudAppsAlert);
      return { status: String(resolutionStatusValue ?? 0), comments: [] };
    }
    case "graph-alert":
    case "graph-incident": {
      const { status, classification, redirectIncidentId, comments } = understood(attempt, answer, GraphRecord);
      return {
        status,
        ...(classification ? { classification } : {}),
        ...(redirectIncidentId ? { mergedInto: redirectIncidentId } : {}),
        comments: (comments ?? []).flatMap(({ comment }) => (comment ? [comment] : [])),
      };
    }
  }
}

/** Whether the product keeps it so already. Documentation and answers differ in letter case. */
export function hasStatus({ product }: AlertTarget, record: AlertRecord, wanted: AlertStatus): boolean {
  const status = record.status.toLowerCase();
  if (product === "defender-for-cloud") {
    return (
      status ===
      { "in-progress": "inprogress", resolved: "resolved", "false-positive": "dismissed", benign: "dismissed" }[wanted]
    );
  }
  if (product === "cloud-apps")
    return status === { "in-progress": "", resolved: "", "false-positive": "3", benign: "4" }[wanted];
  if (status !== (wanted === "in-progress" ? "inprogress" : "resolved")) return false;
  const meant = classificationOf(wanted);
  return meant === undefined || record.classification?.toLowerCase() === meant.toLowerCase();
}

/** Why a product cannot be told this; undefined when it can. */
export function statusRefusal({ product }: AlertTarget, wanted: AlertStatus): string | undefined {
  if (product !== "cloud-apps" || wanted === "false-positive" || wanted === "benign") return undefined;
  return "Defender for Cloud Apps closes alerts with a verdict only: false-positive or benign";
}

export function statusRequest(target: AlertTarget, wanted: AlertStatus, comment: string): AzureRequest {
  const attempt = `set the ${target.product} ${target.id.slice(-80)} to ${wanted}`;
  switch (target.product) {
    case "defender-for-cloud": {
      const verb = { "in-progress": "inProgress", resolved: "resolve", "false-positive": "dismiss", benign: "dismiss" }[
        wanted
      ];
      return { service: "resource-manager", attempt, method: "POST", path: `${target.id}/${verb}?${defenderForCloud}` };
    }
    case "graph-alert":
    case "graph-incident": {
      const classification = classificationOf(wanted);
      const body = {
        status: wanted === "in-progress" ? "inProgress" : "resolved",
        ...(classification === undefined ? {} : { classification }),
      };
      return { ...address(target), attempt, method: "PATCH", body };
    }
    case "cloud-apps":
      return {
        service: "cloud-apps",
        attempt,
        method: "POST",
        path: `/api/v1/alerts/${wanted === "benign" ? "close_benign" : "close_false_positive"}/`,
        // A filter by anything but one id would close whatever it happens to match.
        body: { filters: { id: { eq: [target.id] } }, comment, reasonId: 4, sendFeedback: false },
      };
  }
}

/** Graph's alerts and incidents only: the others have no comments that an application may write. */
export function commentRequest(target: AlertTarget, comment: string): AzureRequest {
  const { service, path } = address(target);
  return {
    service,
    attempt: `comment on the ${target.product} ${target.id.slice(-80)}`,
    method: "POST",
    path: `${path}/comments`,
    body: { "@odata.type": "microsoft.graph.security.alertComment", comment },
  };
}

function classificationOf(wanted: AlertStatus): string | undefined {
  if (wanted === "false-positive") return "falsePositive";
  return wanted === "benign" ? "informationalExpectedActivity" : undefined;
}

function address({ product, id }: AlertTarget): Pick<AzureRequest, "service" | "path"> {
  switch (product) {
    case "defender-for-cloud":
      return { service: "resource-manager", path: `${id}?${defenderForCloud}` };
    case "graph-alert":
      return { service: "graph", path: `/v1.0/security/alerts_v2/${encodeURIComponent(id)}` };
    case "graph-incident":
      return { service: "graph", path: `/v1.0/security/incidents/${encodeURIComponent(id)}` };
    case "cloud-apps":
      return { service: "cloud-apps", path: `/api/v1/alerts/${encodeURIComponent(id)}/` };
  }
}
