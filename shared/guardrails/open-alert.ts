import type { Guardrail } from "./guardrail.ts";

/** Alerts are exported again when a person closes them; that is no new attack. */
export const openAlert: Guardrail = {
  id: "open-alert",
  check: ({ alert }) =>
    alert.status === "resolved" || alert.status === "dismissed"
      ? { verdict: "refuse", reason: `the product says that the alert is ${alert.status}` }
      : undefined,
};
