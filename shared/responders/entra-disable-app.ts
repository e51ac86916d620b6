import { accountSwitch } from "./account-switch.ts";

export const entraDisableApp = accountSwitch({
  id: "entra-disable-app",
  summary: "Disable an application (service principal) in Entra, so that it gets no new tokens.",
  point: "applications",
  target: "service-principal",
  selectors: ["attacker-application"],
  d3fend: "D3-AL",
  permissions: [{ api: "Microsoft Graph", appRole: "Application.ReadWrite.All" }],
  service: "applications",
  pathOf: ({ servicePrincipalId }) => `/servicePrincipals/${encodeURIComponent(servicePrincipalId)}`,
  select: "accountEnabled",
  obstacle: () => undefined,
});
