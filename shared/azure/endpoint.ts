import * as z from "zod";
import { AzureError } from "./azure-error.ts";
import type { Connection } from "./connection.ts";
import { createGraphRequest } from "./graph-request.ts";
import { odataText } from "./odata.ts";
import { endpointService } from "./services.ts";

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
  /** Those called as given, or so in lower case. Others may come as well: compare without letter case. */
  machinesByDnsName(name: string): Promise<Machine[]>;
  /** Likewise by how the name begins. */
  machinesByNamePrefix(prefix: string): Promise<Machine[]>;
  /** As the service gives it: with its evidence, if the service has that on offer for one alert. */
  alert(id: string): Promise<unknown | undefined>;
}

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
  const ask = createGraphRequest(connection, endpointService);

  async function machinesWhere(attempt: string, filter: string): Promise<Machine[]> {
    const found: Machine[] = [];
    let path: string | undefined = `/api/machines?$filter=${encodeURIComponent(filter)}`;
    for (let page = 0; path !== undefined; page++) {
      if (page === pageLimit) throw new AzureError(attempt, { ...unexpected, message: "far too many machines match" });
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
      return machinesWhere(
        "find machines by name",
        inBothSpellings(name, (text) => `computerDnsName eq ${text}`),
      );
    },

    async machinesByNamePrefix(prefix) {
      if (!prefix) throw new TypeError("machines are looked for by the beginning of a name that is empty");
      return machinesWhere(
        "find machines by the beginning of a name",
        inBothSpellings(prefix, (text) => `startswith(computerDnsName,${text})`),
      );
    },

    async alert(id) {
      if (!/^[\w-]{1,128}$/.test(id)) throw new TypeError("this is no id of an alert of Defender for Endpoint");
      const request = { attempt: `read the alert ${id}`, method: "GET", path: `/api/alerts/${id}` } as const;
      const { status, body } = await ask({ ...request, path: `${request.path}?$expand=evidence` }).catch((error) => {
        if (!(error instanceof AzureError && error.status === 400)) throw error;
        // Documented is `$expand` for the list alone: https://learn.microsoft.com/defender-endpoint/api/get-alert-info-by-id
        return ask(request);
      });
      return status === 404 ? undefined : body;
    },
  };
}

const unexpected = { status: 200, code: "UnexpectedAnswer" };

function understood<T>(attempt: string, parsed: z.ZodSafeParseResult<T>): T {
  if (parsed.success) return parsed.data;
  const fields = parsed.error.issues.map(({ path }) => path.join(".")).slice(0, 5);
  throw new AzureError(attempt, { ...unexpected, message: `the answer was not understood at ${fields.join(", ")}` });
}

/** Whether the service minds letter case is documented nowhere; names are mostly kept in lower case. */
function inBothSpellings(name: string, clause: (text: string) => string): string {
  return [...new Set([name, name.toLowerCase()])].map((spelling) => clause(odataText(spelling))).join(" or ");
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
