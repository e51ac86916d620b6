import type { ExpectedAlert, ExpectedEntity, ExpectedReading } from "../../../support/expected-reading.ts";

const sampleGroup = "/SUBSCRIPTIONS/0f907ea4-bc8b-4c11-9d7e-805c2fd144fb/RESOURCEGROUPS/Sample-RG/providers";
const identifier = "properties.resourceIdentifiers[0]";
const entity = (index: number) => `properties.entities[${index}]`;

const common = {
  source: "defender-for-cloud",
  family: "arm-2022-01-01",
  title: { from: "properties.alertDisplayName" },
  description: { from: "properties.description" },
  status: "new",
  sample: true,
  incident: false,
  members: [],
  tactics: [],
  techniques: [],
  references: { armId: { from: "id" }, portal: { from: "properties.alertUri" } },
} satisfies Partial<ExpectedAlert>;

const resource = (resourceId: string, ...at: string[]): ExpectedEntity => ({
  kind: "azure-resource",
  role: "victim",
  resourceId,
  at,
});

/** Where an attacker would stand the portal's samples write 0.0.0.0. */
const nobody = (...at: string[]): ExpectedEntity => ({
  kind: "ip",
  role: "attacker",
  address: "0.0.0.0",
  class: "unspecified",
  at,
});
const property = (name: string) => `properties.extendedProperties["${name}"]`;

const vault = resource(`${sampleGroup}/microsoft.keyvault/vaults/Sample-KV`, identifier, entity(0));
const machineId = `${sampleGroup}/Microsoft.Compute/virtualMachines/Sample-VM`;
const machine: ExpectedEntity[] = [
  // The agent of its entity is all zeros: absent. The agent of a workspace that stands beside the resource is put to no machine.
  resource(machineId, identifier),
  { kind: "host", role: "victim", name: "Sample-VM", resourceId: machineId, at: [entity(0)] },
];
const storage = resource(
  "/subscriptions/0f907ea4-bc8b-4c11-9d7e-805c2fd144fb/resourcegroups/Sample-RG/providers/microsoft.storage/storageaccounts/Sample-Storage",
  identifier,
  entity(0),
);

/** The account, the attacker's object id and the application id are all zeros: none of them is anybody. */
const keyVault = {
  ...common,
  severity: "Medium",
  entities: [vault, nobody(property("attacker IP Address"))],
} satisfies Partial<ExpectedAlert>;

export const expected: Readonly<Record<string, readonly ExpectedReading[]>> = {
  "sim_aks_ti_proxy_ip_only_in_extprops.json": [
    {
      alert: {
        ...common,
        productId: "2517396773868188817_bc4e5f7f-7f49-4f66-963d-5fe3f8e72745",
        type: "AKS_TI_Proxy",
        severity: "Low",
        tactics: ["Execution"],
        raisedAt: "2022-09-08T07:50:13.181Z",
        entities: [
          resource(
            `${sampleGroup}/Microsoft.Kubernetes/ConnectedClusters/Sample-ConnectedCluster`,
            identifier,
            entity(0),
          ),
          nobody(property("ip Address")),
        ],
      },
    },
  ],
  "sim_apps_wpthemeinjection_ip_only_in_extprops.json": [
    {
      alert: {
        ...common,
        productId: "2517396773188188817_5c67ef0a-f746-44f5-8922-dfd4e92ac6cb",
        type: "APPS_WpThemeInjection",
        severity: "High",
        raisedAt: "2022-09-08T07:51:21.181Z",
        entities: [
          // The host is a web app: a resource, and no machine, so that nobody isolates a machine that happens to have its name.
          resource(`${sampleGroup}/Microsoft.Web/sites/Sample-App`, identifier, entity(0)),
          nobody(property("sample Source IP Addresses")),
        ],
      },
    },
  ],
  "sim_appservice_phishing_content_url.json": [
    {
      alert: {
        ...common,
        productId: "2517396773208188817_4492529b-fc4e-4a77-816e-0512ad8761f0",
        type: "MaliciousContent-AzureWebApps",
        severity: "High",
        tactics: ["Collection"],
        raisedAt: "2022-09-08T07:51:19.181Z",
        entities: [
          resource(`${sampleGroup}/Microsoft.Web/sites/Sample-App`, identifier),
          { kind: "url", role: "context", url: "https://sample.azurewebsites.net", at: [entity(0)] },
        ],
      },
    },
  ],
  "sim_kv_listgetanomaly.json": [
    {
      alert: {
        ...keyVault,
        productId: "2517396773268188817_901ed6b6-681a-4eee-9ba3-7dc400234ec0",
        type: "KV_ListGetAnomaly",
        raisedAt: "2022-09-08T07:51:13.181Z",
      },
    },
  ],
  "sim_kv_operationvolumeanomaly.json": [
    {
      alert: {
        ...keyVault,
        productId: "2517396773228188817_67a23793-595b-4efb-ae23-679568966575",
        type: "KV_OperationVolumeAnomaly",
        raisedAt: "2022-09-08T07:51:17.181Z",
      },
    },
  ],
  "sim_kv_toraccess.json": [
    {
      alert: {
        ...keyVault,
        productId: "2517396773308188817_4e08b729-4745-4a94-9242-ea35b802bf8d",
        type: "KV_TORAccess",
        raisedAt: "2022-09-08T07:51:09.181Z",
      },
    },
  ],
  // "client principal name" holds no user principal name in either of the two, so it names no user.
  "sim_sql_vm_bruteforce.json": [
    {
      alert: {
        ...common,
        productId: "2517396773947877093_13968b11-eed6-4b91-85f5-1f01284e6535",
        type: "SQL.VM_BruteForce",
        severity: "High",
        tactics: ["PreAttack"],
        raisedAt: "2022-09-08T07:50:05.212Z",
        entities: [
          ...machine,
          nobody(property("client IP address"), `${entity(2)}.sourceAddress`),
          { kind: "user", role: "victim", name: "Sample-SA", at: [entity(3)] },
        ],
      },
    },
  ],
  "sim_sql_vm_potentialsqlinjection.json": [
    {
      alert: {
        ...common,
        productId: "2517396773967877093_68be0218-2e3f-4988-b5ba-f809ad3a3cc0",
        type: "SQL.VM_PotentialSqlInjection",
        severity: "High",
        tactics: ["PreAttack"],
        raisedAt: "2022-09-08T07:50:03.212Z",
        entities: [
          ...machine,
          nobody(property("client IP address"), `${entity(3)}.sourceAddress`),
          { kind: "user", role: "victim", name: "Sample-SA", at: [entity(2)] },
        ],
      },
    },
  ],
  // The address is there and a network connection names it as its source; "azure AD user" is "N/A (…)".
  "sim_storage_blob_anonymousaccessanomaly.json": [
    {
      alert: {
        ...common,
        productId: "2517396774748188817_77e3193f-d56d-4c36-9e5f-5036b309a549",
        type: "Storage.Blob_AnonymousAccessAnomaly",
        severity: "Medium",
        tactics: ["InitialAccess"],
        raisedAt: "2022-09-08T07:48:45.181Z",
        entities: [storage, nobody(entity(1), `${entity(2)}.sourceAddress`)],
        notes: { mention: [/blob-container/i], atMost: 1 },
      },
    },
  ],
  "sim_storage_blob_cspkg_upload_multi_intent_string.json": [
    {
      alert: {
        ...common,
        productId: "2517396774708188817_8f37881b-320e-4053-801b-19cdf758accc",
        type: "Storage.Blob_CspkgUploadAnomaly",
        severity: "Medium",
        tactics: ["LateralMovement", "Execution"],
        raisedAt: "2022-09-08T07:48:49.181Z",
        entities: [storage, nobody(entity(1), `${entity(2)}.sourceAddress`)],
      },
    },
  ],
  "sim_vm_windows_petyaransomware.json": [
    {
      alert: {
        ...common,
        productId: "2517396773647877093_d254755c-39f2-411c-ace6-2ea463340533",
        type: "VM.Windows_PetyaRansomware",
        severity: "High",
        tactics: ["Execution"],
        raisedAt: "2022-09-08T07:50:35.212Z",
        entities: [
          ...machine,
          {
            kind: "file",
            role: "context",
            name: "sample.exe",
            directory: "c:\\windows\\system32",
            at: [entity(1), `${entity(4)}.imageFile`],
          },
          {
            kind: "user",
            role: "victim",
            name: "Sample-VM",
            domain: "Sample-VM",
            at: [entity(3), `${entity(4)}.account`, `${entity(5)}.account`],
          },
        ],
        notes: { mention: [/host-logon-session/i], atMost: 1 },
      },
    },
  ],
  "spec_vm_eicar_supporting_evidence.json": [
    {
      alert: {
        ...common,
        productId: "2518298467986649999_4d25bfef-2d77-4a08-adc0-3e35715cc92a",
        type: "VM_EICAR",
        severity: "High",
        incident: true,
        tactics: ["Execution"],
        techniques: ["T1059", "T1053", "T1072", "T1059.001", "T1059.006", "T1053.002"],
        raisedAt: "2020-02-22T00:00:00.000Z",
        // Its `id` ends in the name of another alert, which must not be closed or commented in its stead.
        references: { portal: { from: "properties.alertUri" } },
        orReferences: {
          portal: { from: "properties.alertUri" },
          armId:
            "/subscriptions/20ff7fc3-e762-44dd-bd96-b71116dcdc23/resourceGroups/myRg1/providers/Microsoft.Security/locations/westeurope/alerts/2518298467986649999_4d25bfef-2d77-4a08-adc0-3e35715cc92a",
        },
        entities: [
          resource(
            "/subscriptions/20ff7fc3-e762-44dd-bd96-b71116dcdc23/resourceGroups/myRg1/providers/Microsoft.Compute/virtualMachines/vm1",
            identifier,
          ),
          // Nothing else names the attacker.
          { kind: "ip", role: "attacker", address: "192.0.2.1", class: "documentation", at: [entity(0)] },
        ],
        notes: { mention: [], atMost: 1 },
      },
    },
  ],
};
