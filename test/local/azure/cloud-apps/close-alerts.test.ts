import { describe, expect, it } from "vitest";
import { closeAlerts, closings } from "../../../../local/azure/cloud-apps/close-alerts.ts";
import { cloudAppsAlert, cloudAppsState } from "../../../../local/azure/cloud-apps/cloud-apps-state.ts";

const now = new Date("2026-11-23T09:30:00.000Z");
const idOf = (index: number) => `65aa0000000000000000000${index}`;
const aState = () =>
  cloudAppsState({ alerts: [1, 2, 3].map((index) => cloudAppsAlert({ _id: idOf(index), timestamp: 0 })) });
const [falsePositive, benign] = closings;

describe("closing alerts of Defender for Cloud Apps", () => {
  it("closes those that the filter names, and counts them", () => {
    const state = aState();

    const answer = closeAlerts(JSON.stringify({ filters: { id: { eq: [idOf(1), idOf(3)] } } }), benign, state, now);

    expect(answer).toEqual({ status: 200, body: { closed_benign: 2 } });
    expect(state.alerts.map(({ resolutionStatusValue }) => resolutionStatusValue)).toEqual([4, 0, 4]);
  });

  it("says of one that is not there so within a success", () => {
    const body = JSON.stringify({ filters: { id: { eq: [idOf(9)] } } });

    expect(closeAlerts(body, falsePositive, aState(), now)).toEqual({
      status: 200,
      body: { closed_false_positive: 0, alertsNotFound: [idOf(9)] },
    });
  });

  it("closes everything that is open when the filter is empty, which is the danger of it", () => {
    const state = aState();

    expect(closeAlerts('{"filters":{}}', falsePositive, state, now).body).toEqual({ closed_false_positive: 3 });
    expect(state.alerts.every(({ resolutionStatusValue }) => resolutionStatusValue === 3)).toBe(true);
  });

  it("refuses what it cannot read", () => {
    expect(closeAlerts("closed", benign, aState(), now).status).toBe(400);
  });
});
