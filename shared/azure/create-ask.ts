import type { Ask, ServiceName } from "./ask.ts";
import type { Connection } from "./connection.ts";
import { createGraphRequest } from "./graph-request.ts";
import { createArmRequest } from "./resource-manager.ts";
import { type AskService, createServiceRequest } from "./service-request.ts";
import { cloudAppsService, endpointService, graphService } from "./services.ts";

interface AskOptions {
  cloudAppsUrl?: string;
  /** As the second identity, which may change applications. */
  applicationsConnection?: () => Promise<Connection>;
}

/** A service that this installation was not told how to reach; nothing was sent, and another try changes nothing. */
export class ServiceNotConfigured extends Error {
  override readonly name = "ServiceNotConfigured";

  constructor(attempt: string, setting: string) {
    super(`could not ${attempt}: ${setting} is not set`);
  }
}

/** The one way by which responders reach Azure. Clients are opened when they are first needed, and nothing is sent twice. */
export function createAsk(
  connection: () => Promise<Connection>,
  { cloudAppsUrl, applicationsConnection }: AskOptions,
): Ask {
  const services: Readonly<Record<ServiceName, AskService>> = {
    "resource-manager": createArmRequest(connection),
    graph: createGraphRequest(connection, graphService),
    applications: applicationsConnection
      ? createGraphRequest(applicationsConnection, graphService)
      : missing("PORTCULLIS_APPLICATIONS_CLIENT_ID"),
    endpoint: createGraphRequest(connection, endpointService),
    "cloud-apps": cloudAppsUrl
      ? createServiceRequest(connection, cloudAppsService(cloudAppsUrl))
      : missing("PORTCULLIS_CLOUD_APPS_URL"),
  };
  return ({ service, ...request }) => services[service](request);
}

function missing(setting: string): AskService {
  return async ({ attempt }) => {
    throw new ServiceNotConfigured(attempt, setting);
  };
}
