import { describe, expect, it } from "vitest";
import type { Alert } from "../../../shared/alerts/alert.ts";
import { combined, memberWith } from "../../support/a-sentinel-incident.ts";
import { aPayload, read } from "../../support/an-alert.ts";

type Json = Record<string, unknown>;

const endpointAlert = (changes: Json): Alert =>
  read({
    id: "da637000000000000000_1",
    investigationState: "Queued",
    machineId: "0123456789abcdef0123456789abcdef01234567",
    severity: "Informational",
    status: "New",
    category: "Malware",
    title: "Malware was prevented",
    alertCreationTime: "2026-11-23T09:21:07.4561239Z",
    evidence: [],
    ...changes,
  });

describe("EICAR's test file makes an alert a test", () => {
  it.each<[string, Json]>([
    ["the title", { title: "'EICAR_Test_File' malware was prevented" }],
    ["the title in small letters", { title: "A virus was found: eicar" }],
    ["the threat", { threatName: "Virus:DOS/EICAR_Test_File" }],
    ["the family of the threat", { threatFamilyName: "EICAR-Test-File" }],
  ])("when %s says so", (_, changes) => {
    expect(endpointAlert(changes).sample).toBe(true);
  });

  it("when the malware that an entity names is EICAR", () => {
    expect(read(aPayload({ Entities: [{ Type: "malware", Name: "EICAR_Test_File" }] })).sample).toBe(true);
  });
});

describe("EICAR's test file makes no test of an alert", () => {
  it.each<[string, Json]>([
    ["the description", { description: "The file C:\\temp\\EICAR was found" }],
    ["a file's name", { evidence: [{ entityType: "File", fileName: "eicar.com", filePath: "C:\\EICAR" }] }],
    ["a part of a word", { title: "Malware 'EICARus' was prevented" }],
    ["a user's name", { relatedUser: { userName: "eicar", domainName: "CONTOSO" } }],
    ["a title while something else was found", { title: "EICAR and more", threatName: "Trojan:Win32/Wacatac" }],
    ["one of two threats", { threatName: "Trojan:Win32/Wacatac", threatFamilyName: "EICAR" }],
  ])("when it stands in %s", (_, changes) => {
    expect(endpointAlert(changes).sample).toBe(false);
  });

  it("when other malware was found beside it", () => {
    const entities = ["EICAR_Test_File", "Wacatac"].map((Name) => ({ Type: "malware", Name }));

    expect(read(aPayload({ Entities: entities })).sample).toBe(false);
  });
});

describe("an incident of Sentinel", () => {
  const simulated = memberWith({ alertType: "SIMULATED_SQL.VM_BruteForce" });
  const testFile = memberWith({ alertType: "VM_EICAR", systemAlertId: "2" });

  it("is a sample when one of its alerts is simulated, as made-up addresses stand among the others", () => {
    expect(combined([memberWith(), simulated]).sample).toBe(true);
  });

  it("is none because somebody laid a test file beside his attack, nor by its own title", () => {
    expect(combined([memberWith(), testFile]).sample).toBe(false);
    expect(combined([memberWith()], [], { title: "EICAR_Test_File on one endpoint" }).sample).toBe(false);
    expect(combined([testFile]).sample).toBe(true);
  });

  it("is none by the title of a customer's rule, which may repeat an attacker's words", () => {
    const ruled = memberWith({ productName: "Azure Sentinel", alertDisplayName: "Malware EICAR on web-1" });

    expect(combined([ruled]).sample).toBe(false);
  });
});
