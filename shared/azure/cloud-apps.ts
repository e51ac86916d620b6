import * as z from "zod";
import { AzureError } from "./azure-error.ts";
import type { Connection } from "./connection.ts";
import { createServiceRequest } from "./service-request.ts";
import { cloudAppsService } from "./services.ts";

/** Milliseconds since 1970, both ends included. */
interface TimeRange {
  gte?: number;
  lte?: number;
}

/** Of the filters of https://learn.microsoft.com/defender-cloud-apps/api-alerts#filters those that are used. There is none by change. */
export interface AlertFilters {
  /** When the alert was raised. */
  date?: TimeRange;
  /** When it was closed. */
  resolutionDate?: TimeRange;
}

interface AlertPage {
  /** As the service gives them. */
  alerts: unknown[];
  hasNext: boolean;
}

/** Reads of Defender for Cloud Apps. The tenant has 30 requests a minute for everybody who calls. Every method throws AzureError. */
export interface CloudApps {
  /** Oldest first; never more than 100. */
  alerts(query: { filters: AlertFilters; skip?: number; limit?: number }): Promise<AlertPage>;
}

/** The most that one answer holds: https://learn.microsoft.com/defender-cloud-apps/api-introduction#limits */
const largestPage = 100;

const Page = z.object({ data: z.array(z.unknown()), hasNext: z.boolean() });

/** `url` is the tenant's own address, `https://TENANT.REGION.portal.cloudappsecurity.com`. Needs `Investigation.read`. */
export function createCloudApps(connection: () => Promise<Connection>, url: string): CloudApps {
  const ask = createServiceRequest(connection, cloudAppsService(url));
  return {
    async alerts({ filters, skip = 0, limit = largestPage }) {
      const attempt = "list alerts of Defender for Cloud Apps";
      const { status, body } = await ask({
        attempt,
        // A read, although it is a POST: what is searched for is in the body. Every route ends in a slash.
        method: "POST",
        path: "/api/v1/alerts/",
        body: { filters, sortField: "date", sortDirection: "asc", skip, limit },
      });
      const parsed = Page.safeParse(body);
      if (!parsed.success)
        throw new AzureError(attempt, { status, code: "UnexpectedAnswer", message: "there is no list" });
      return { alerts: parsed.data.data, hasNext: parsed.data.hasNext };
    },
  };
}
