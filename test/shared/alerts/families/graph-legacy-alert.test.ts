import { expect, it } from "vitest";
import { readAlert } from "../../../../shared/alerts/read-alert.ts";

it.each([
  ["as the API gave it", { id: "1", vendorInformation: { provider: "ASC", vendor: "Microsoft" }, status: "newAlert" }],
  ["flattened by a connector", { id: "1", vendorInformation_provider: "MCAS", networkConnections: [] }],
])("a legacy alert of Graph, %s, is refused with the way out", (_, payload) => {
  expect(readAlert(payload)).toEqual({ refused: expect.stringMatching(/legacy API.*retired.*alerts_v2/) });
});

it("so is the notification that only points at one", () => {
  const notification = {
    changeType: "updated",
    clientState: "secret",
    resource: "security/alerts/1",
    resourceData: { id: "1", "@odata.type": "#IsgWebApi.SecurityGraphModel.Alert" },
  };

  expect(readAlert(notification)).toEqual({ refused: expect.stringMatching(/notification.*only an id.*alerts_v2/) });
});
