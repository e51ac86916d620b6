/** The versions of the published examples, and the one that @azure/arm-network 39 sends. */
export const firewallApiVersions = ["2023-11-01", "2024-05-01", "2026-01-01"];
