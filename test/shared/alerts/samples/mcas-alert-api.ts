import type { ExpectedReading } from "../../../support/expected-reading.ts";

/** The same alert alone and in a list. */
const honeytoken = (at: string): ExpectedReading => ({
  alert: {
    source: "defender-for-cloud-apps",
    family: "cloud-apps-alert",
    productId: "603f704aaf7417985bbf3b22",
    type: "15795464",
    title: { from: `${at}title` },
    description: { from: `${at}description` },
    severity: "Medium",
    status: "new",
    sample: false,
    incident: false,
    members: [],
    tactics: [],
    // Techniques stand in the description only, which anybody's text can be in.
    techniques: [],
    raisedAt: "2021-05-25T11:25:16.475Z",
    references: { portal: { from: `${at}URL` } },
    entities: [
      {
        kind: "user",
        role: "attacker",
        objectId: "6204bdaf-ad46-4e99-a25d-374a0532c666",
        upn: "user1@contoso.com",
        name: "user1",
        at: [`${at}entities[0]`],
      },
      // The ids of devices are Cloud Apps' own.
      { kind: "host", role: "context", name: "DC3", at: [`${at}entities[1]`] },
      { kind: "cloud-app", role: "context", cloudAppId: 20940, name: "Active Directory", at: [`${at}entities[2]`] },
      { kind: "host", role: "context", name: "DC4", at: [`${at}entities[3]`] },
      { kind: "host", role: "victim", name: "Client1", at: [`${at}entities[5]`] },
      { kind: "host", role: "context", name: "DC1", at: [`${at}entities[6]`] },
    ],
    notes: { mention: [/policyRule/i, /groupTag/i], atMost: 1 },
  },
});

export const expected: Readonly<Record<string, readonly ExpectedReading[]>> = {
  "docs_fetch_honeytoken_mdi.json": [honeytoken("")],
  "docs_list_honeytoken_mdi.json": [honeytoken("data[0].")],
};
