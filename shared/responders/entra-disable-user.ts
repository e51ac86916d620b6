import { accountSwitch } from "./account-switch.ts";

export const entraDisableUser = accountSwitch({
  id: "entra-disable-user",
  summary: "Disable a user in Entra, so that nobody signs in as them any more.",
  point: "identity",
  target: "user",
  selectors: ["victim-user", "attacker-user"],
  d3fend: "D3-AL",
  permissions: [
    { api: "Microsoft Graph", appRole: "User.EnableDisableAccount.All" },
    { api: "Microsoft Graph", appRole: "User.Read.All" },
  ],
  service: "graph",
  pathOf: ({ userId }) => `/users/${encodeURIComponent(userId)}`,
  select: "accountEnabled,onPremisesSyncEnabled,userType",
  // https://learn.microsoft.com/entra/identity/users/users-revoke-access: for hybrid users Active Directory is the source.
  obstacle: ({ onPremisesSyncEnabled }) =>
    onPremisesSyncEnabled
      ? "the user comes from Active Directory, which would enable them again: disable them there, and reset the password twice"
      : undefined,
});
