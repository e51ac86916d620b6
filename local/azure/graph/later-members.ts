import type { GraphCall } from "./route.ts";
import type { GraphResource } from "./state.ts";

/** Members that came after `unknownFutureValue`: who does not ask for them reads that word. */
export const laterMembers = {
  serviceSource: [
    "microsoftDefenderForCloud",
    "microsoftSentinel",
    "microsoftInsiderRiskManagement",
    "microsoftThreatIntelligence",
  ],
  detectionSource: [
    "microsoftDefenderForCloud",
    "microsoftDefenderForServers",
    "microsoftDefenderForStorage",
    "microsoftDefenderForDNS",
    "microsoftDefenderForDatabases",
    "microsoftDefenderForContainers",
    "microsoftDefenderForNetwork",
    "microsoftDefenderForAppService",
    "microsoftDefenderForKeyVault",
    "microsoftDefenderForResourceManager",
    "microsoftDefenderForApiManagement",
    "microsoftSentinel",
    "nrtAlerts",
    "scheduledAlerts",
    "builtInMl",
  ],
  riskDetail: ["adminConfirmedServicePrincipalCompromised", "adminDismissedAllRiskForServicePrincipal"],
} as const;

/** https://learn.microsoft.com/graph/best-practices-concept#handling-future-members-in-evolvable-enumerations */
export function asRead(resource: GraphResource, { header }: GraphCall): GraphResource {
  const preferences = (header("prefer") ?? "").split(",").map((one) => one.trim().toLowerCase());
  if (preferences.includes("include-unknown-enum-members")) return { ...resource };
  const hidden = Object.entries(laterMembers).flatMap(([property, members]) =>
    members.some((member) => member === resource[property]) ? [[property, "unknownFutureValue"]] : [],
  );
  return { ...resource, ...Object.fromEntries(hidden) };
}
