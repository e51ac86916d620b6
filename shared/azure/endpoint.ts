import * as z from "zod";
import { AzureError } from "./azure-error.ts";
import type { Connection } from "./connection.ts";
import { createServiceRequest } from "./service-request.ts";

/** A machine that Defender for Endpoint knows. Of one that was set up again there are several records under one name. */
export interface Machine {
  /** 40 hexadecimal digits. */
  id: string;
  dnsName?: string;
  /** `Active`, `Inactive`, `ImpairedCommunication`, `NoSensorData`, `NoSensorDataImpairedCommunication`, `Unknown`. */
  healthStatus: string;
  /** Compare without letter case: the documentation writes `onboarded`, the service `Onboarded`. `Unknown` when it is not told. */
  onboardingStatus: string;
  lastSeen?: string;
  aadDeviceId?: string;
  /** ARM id of the virtual machine, where the service knows it. */
  vmResourceId?: string;
  /** `Low`, `Normal` or `High`. */
  deviceValue?: string;
  tags: string[];
  group?: string;
}

/** Reads of Defender for Endpoint; every method throws AzureError, and answers undefined or nothing for what is absent. */
export interface Endpoint {
  machine(id: string): Promise<Machine | undefined>;
  machinesByDnsName(name: string): Promise<Machine[]>;
  machinesByNamePrefix(prefix: string): Promise<Machine[]>;
  /** With its evidence, as the service gives it. */
  alert(id: string): Promise<unknown | undefined>;
}

/** https://learn.microsoft.com/defender-endpoint/api/exposed-apis-list; the token is asked for under the service's older name. */
const service = {
  origin: "https://api.security.microsoft.com",
  scope: "https://api.securitycenter.microsoft.com/.default",
};

/** A page holds up to 10,000 machines. Whoever asks for more by name has asked for the wrong thing. */
const pageLimit = 5;

const MachineRecord = z.object({
  id: z.string().regex(/^[0-9a-f]{40}$/i),
  computerDnsName: z.string().nullish(),
  healthStatus: z.string().nullish(),
  onboardingStatus: z.string().nullish(),
  lastSeen: z.string().nullish(),
  aadDeviceId: z.string().nullish(),
  vmMetadata: z.object({ resourceId: z.string().nullish() }).nullish(),
  deviceValue: z.string().nullish(),
  machineTags: z.array(z.string()).nullish(),
  rbacGroupName: z.string().nullish(),
});

const MachinePage = z.object({ value: z.array(MachineRecord), "@odata.nextLink": z.string().optional() });

export function createEndpoint(connection: () => Promise<Connection>): Endpoint {
  const ask = createServiceRequest(connection, service);

  async function machinesWhere(attempt: string, filter: string): Promise<Machine[]> {
    const found: Machine[] = [];
    let path: string | undefined = `/api/machines?$filter=${encodeURIComponent(filter)}`;
    for (let page = 0; path !== undefined; page++) {
      if (page === pageLimit) throw new AzureError(attempt, { ...unclear, message: "far too many machines match" });
      const { status, body } = await ask({ attempt, method: "GET", path });
      // The documentation promises 404 when there are no recent machines; an empty list comes as well.
      if (status === 404) break;
      const { value, "@odata.nextLink": next } = understood(attempt, MachinePage.safeParse(body));
      found.push(...value.map(machineOf));
      path = next;
    }
    return found;
  }

  return {
    async machine(id) {
      // The service also takes a computer's name here, so that a wrong id could find another machine.
      if (!/^[0-9a-f]{40}$/i.test(id))
        throw new TypeError(`"${id.slice(0, 60)}" is no machine id: 40 hexadecimal digits`);
      const attempt = `read the machine ${id}`;
      const { status, body } = await ask({ attempt, method: "GET", path: `/api/machines/${id}` });
      return status === 404 ? undefined : machineOf(understood(attempt, MachineRecord.safeParse(body)));
    },

    async machinesByDnsName(name) {
      if (!name) throw new TypeError("machines are looked for by a name that is empty");
      return machinesWhere("find machines by name", `computerDnsName eq ${literal(name)}`);
    },

    async machinesByNamePrefix(prefix) {
      if (!prefix) throw new TypeError("machines are looked for by the beginning of a name that is empty");
      return machinesWhere(
        "find machines by the beginning of a name",
        `startswith(computerDnsName,${literal(prefix)})`,
      );
    },

    async alert(id) {
      if (!/^[\w-]{1,128}$/.test(id)) throw new TypeError("this is no id of an alert of Defender for Endpoint");
      const path = `/api/alerts/${id}?$expand=evidence`;
      const { status, body } = await ask({ attempt: `read the alert ${id}`, method: "GET", path });
      return status === 404 ? undefined : body;
    },
  };
}

const unclear = { status: 200, code: "UnclearAnswer" };

function understood<T>(attempt: string, parsed: z.ZodSafeParseResult<T>): T {
  if (parsed.success) return parsed.data;
  const fields = parsed.error.issues.map(({ path }) => path.join(".")).slice(0, 5);
  throw new AzureError(attempt, { ...unclear, message: `the answer was not understood at ${fields.join(", ")}` });
}

/** https://docs.oasis-open.org/odata/odata/v4.01/odata-v4.01-part2-url-conventions.html: a quote within a string is doubled. */
function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

function machineOf(record: z.infer<typeof MachineRecord>): Machine {
  const { computerDnsName, lastSeen, aadDeviceId, vmMetadata, deviceValue, rbacGroupName } = record;
  return {
    id: record.id.toLowerCase(),
    ...(computerDnsName ? { dnsName: computerDnsName } : {}),
    healthStatus: record.healthStatus || "Unknown",
    onboardingStatus: record.onboardingStatus || "Unknown",
    ...(lastSeen ? { lastSeen } : {}),
    ...(aadDeviceId && /[1-9a-f]/i.test(aadDeviceId) ? { aadDeviceId } : {}),
    ...(vmMetadata?.resourceId ? { vmResourceId: vmMetadata.resourceId } : {}),
    ...(deviceValue ? { deviceValue } : {}),
    tags: record.machineTags ?? [],
    ...(rbacGroupName ? { group: rbacGroupName } : {}),
  };
}
