import { join } from "node:path";
import { expect, it } from "vitest";
import { loadPlaybooks } from "../../../shared/playbooks/load-playbooks.ts";
import { matching } from "../../../shared/playbooks/match.ts";
import { responders } from "../../../shared/responders/responders.ts";
import { aPayload, read } from "../../support/an-alert.ts";

const playbooks = await loadPlaybooks(join(import.meta.dirname, "../../../playbooks"), responders);

/**
 * The twelve alert types of Defender for APIs (https://learn.microsoft.com/azure/defender-for-cloud/alerts-defender-for-apis), and
 * how a person would have each answered. Two come from all addresses at once, and two are as often a new release as an attack.
 */
const answers = [
  ["API_PopulationSpikeInAPITraffic", "Medium", "apim-limit-rate", "operation", "api-endpoint", "enforce"],
  ["API_SpikeInAPITraffic", "Medium", "apim-limit-rate", "api", "attacker-ip", "enforce"],
  ["API_SpikeInPayload", "Medium", "apim-limit-rate", "api", "attacker-ip", "enforce"],
  ["API_SpikeInLatency", "Medium", "apim-limit-rate", "api", "attacker-ip", "enforce"],
  ["API_SprayInRequests", "Medium", "apim-block-ip", "service", "attacker-ip", "enforce"],
  ["API_ParameterEnumeration", "Medium", "apim-block-ip", "api", "attacker-ip", "enforce"],
  ["API_DistributedParameterEnumeration", "Medium", "apim-limit-rate", "operation", "api-endpoint", "enforce"],
  ["API_UnseenParamType", "Medium", "apim-block-ip", "api", "attacker-ip", "observe"],
  ["API_UnseenParam", "Medium", "apim-block-ip", "api", "attacker-ip", "observe"],
  ["API_AccessFromTorExitNode", "Medium", "apim-limit-rate", "api", "attacker-ip", "enforce"],
  ["API_AccessFromSuspiciousIP", "High", "apim-block-ip", "service", "attacker-ip", "enforce"],
  ["API_AccessFromSuspiciousUserAgent", "Medium", "apim-block-ip", "api", "attacker-ip", "enforce"],
] as const;

it.each(answers)("%s (%s) is answered once, by %s at %s scope on %s: %s", (AlertType, Severity, ...expected) => {
  const found = matching(playbooks, read(aPayload({ AlertType, Severity })));

  expect(
    found.flatMap(({ steps }) => steps).map((step) => [step.responder, step.scope, step.target, step.mode]),
  ).toEqual([expected]);
});

it("answers these types and no others", () => {
  const listed = playbooks.flatMap(({ when }) => when?.types ?? []);

  expect(listed.toSorted()).toEqual(answers.map(([type]) => type).toSorted());
});

it("answers a type in other letter case, for real ids are not spelled as documented", () => {
  expect(matching(playbooks, read(aPayload({ AlertType: "api_SPRAYinRequests" })))).toHaveLength(1);
});

it("answers no alert of another plan", () => {
  expect(matching(playbooks, read(aPayload({ AlertType: "KV_TORAccess" })))).toEqual([]);
});
