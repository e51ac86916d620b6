import type { Severity } from "../../shared/alerts/alert.ts";

interface AlertType {
  type: string;
  severity: Severity;
  /** Whom the alert names. Two of them describe traffic from everywhere, so there is no address to forbid. */
  attacker: string;
}

const oneAddress = "one address";
const everywhere = "no address";

/**
 * The 12 alert types of Defender for APIs (13 alerts: two share API_SpikeInPayload):
 * https://learn.microsoft.com/azure/defender-for-cloud/alerts-defender-for-apis
 */
export const defenderForApis: readonly AlertType[] = [
  { type: "API_AccessFromSuspiciousIP", severity: "High", attacker: oneAddress },
  { type: "API_AccessFromSuspiciousUserAgent", severity: "Medium", attacker: oneAddress },
  { type: "API_AccessFromTorExitNode", severity: "Medium", attacker: "one address, shared by many people" },
  { type: "API_DistributedParameterEnumeration", severity: "Medium", attacker: everywhere },
  { type: "API_ParameterEnumeration", severity: "Medium", attacker: oneAddress },
  { type: "API_PopulationSpikeInAPITraffic", severity: "Medium", attacker: everywhere },
  { type: "API_SpikeInAPITraffic", severity: "Medium", attacker: oneAddress },
  { type: "API_SpikeInLatency", severity: "Medium", attacker: oneAddress },
  { type: "API_SpikeInPayload", severity: "Medium", attacker: oneAddress },
  { type: "API_SprayInRequests", severity: "Medium", attacker: "one address, over many endpoints" },
  { type: "API_UnseenParam", severity: "Medium", attacker: oneAddress },
  { type: "API_UnseenParamType", severity: "Medium", attacker: oneAddress },
];
