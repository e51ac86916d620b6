import { expect, it } from "vitest";
import { isThinEvent, readThinEvent } from "../../../../shared/alerts/families/thin-event.ts";

const subscription = "/subscriptions/00000000-0000-4000-8000-000000000001";
const alerts = `${subscription}/resourceGroups/rg-shop/providers/Microsoft.Security/locations/westeurope/alerts`;
const workspace = `${subscription}/resourceGroups/rg-soc/providers/Microsoft.OperationalInsights/workspaces/contoso-soc`;
const incidents = `${workspace}/providers/Microsoft.SecurityInsights/incidents`;
const guid = "6b1f6a52-6a35-4c0a-9f0e-0d7c4a6f2b11";

const read = (what: unknown, id: unknown) => readThinEvent({ portcullisFetch: { what, id } }, "");

it.each([
  ["arm-alert", `${alerts}/2516049539998765432_${guid}`],
  ["arm-alert", `${subscription}/providers/Microsoft.Security/locations/centralus/alerts/2516049539998765432_${guid}`],
  ["arm-alert", `${alerts}/2516049539998765432_${guid}`.toUpperCase()],
  ["sentinel-incident", `${incidents}/${guid}`],
  ["sentinel-incident", `${incidents}/1505`.replace("/incidents/", "/Incidents/")],
  ["graph-alert", "da637551227677560813_-961444813"],
  ["endpoint-alert", "da637472900382838869_1364969609"],
])("names a %s to fetch: %s", (what, id) => {
  expect(isThinEvent({ portcullisFetch: { what, id } })).toBe(true);
  const isArm = what === "arm-alert" || what === "sentinel-incident";
  expect(read(what, id)).toEqual({ fetch: isArm ? { what, armId: id } : { what, id } });
});

it.each([
  ["arm-alert", "https://contoso.example/alerts/1"],
  ["arm-alert", `https://management.azure.com${alerts}/1`],
  ["arm-alert", `${incidents}/${guid}`],
  ["arm-alert", `${alerts}/1/dismiss`],
  ["arm-alert", `${alerts}/1?api-version=2022-01-01`],
  ["arm-alert", `${alerts}/1#`],
  ["arm-alert", `${alerts}/..`],
  ["arm-alert", `${alerts}/%2e%2e`],
  ["arm-alert", `${subscription}/resourceGroups/../providers/Microsoft.Security/locations/westeurope/alerts/1`],
  ["arm-alert", `${subscription}/resourceGroups/rg/x/providers/Microsoft.Security/locations/westeurope/alerts/1`],
  ["arm-alert", ` ${alerts}/1`],
  ["arm-alert", `${alerts}/1\n`],
  ["arm-alert", `/${alerts}/1`],
  ["sentinel-incident", `${alerts}/1`],
  ["sentinel-incident", `${incidents}/${guid}/comments/1`],
  ["sentinel-incident", `${incidents}/`],
  ["graph-alert", "../users"],
  ["graph-alert", "a/b"],
  ["graph-alert", ""],
  ["graph-alert", "a".repeat(129)],
  ["endpoint-alert", "1?$expand=evidence"],
  ["endpoint-alert", "1\n"],
  ["endpoint-alert", 7],
  ["endpoint-alert", null],
  ["constructor", "1"],
  ["GRAPH-ALERT", "1"],
  [undefined, "1"],
])("fetches nothing for %s %j", (what, id) => {
  expect(read(what, id)).toEqual({ refused: expect.stringMatching(/^portcullisFetch\.(id|what) is not /) });
});

it.each([["da1_1"], [null], [["graph-alert", "1"]]])("fetches nothing for %j", (thin) => {
  expect(isThinEvent({ portcullisFetch: thin })).toBe(true);
  expect(readThinEvent({ portcullisFetch: thin }, "data")).toEqual({
    refused: "data.portcullisFetch is not an object with what and id",
  });
});
