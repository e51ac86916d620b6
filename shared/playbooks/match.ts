import type { Alert, Severity } from "../alerts/alert.ts";
import type { Playbook } from "./playbook.ts";

const rank: Readonly<Record<Severity, number>> = { Informational: 0, Low: 1, Medium: 2, High: 3 };

/** Why a playbook does not answer an alert; undefined when it does. */
export function mismatch({ when }: Playbook, alert: Alert): string | undefined {
  if (!when) return "it is run by hand only";
  if (when.source !== alert.source) return `it answers ${when.source}, the alert is of ${alert.source}`;
  // Documented and real ids differ in letter case ("Arm_Suspicious_Vault_Recovering").
  if (!when.types.some((type) => type.toLowerCase() === alert.type.toLowerCase()))
    return "it does not list the alert's type";
  if (rank[alert.severity] < rank[when.severity]) return `it asks for ${when.severity}, the alert is ${alert.severity}`;
  return undefined;
}

export function matching(playbooks: readonly Playbook[], alert: Alert): Playbook[] {
  return playbooks.filter((playbook) => mismatch(playbook, alert) === undefined);
}
