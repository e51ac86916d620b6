import * as z from "zod";
import { armEndpoint } from "./arm-request.ts";
import { AzureError } from "./azure-error.ts";
import type { Connection } from "./connection.ts";
import { createServiceRequest } from "./service-request.ts";

/** A public address, or a block of them, that belongs to a subscription. */
export interface OwnAddress {
  /** One address, or a CIDR block. */
  network: string;
  /** ARM id of the public IP address or prefix. */
  resourceId: string;
  /** ARM id of the configuration that it is bound to: of a gateway, a load balancer, a network interface; absent where it is free. */
  boundTo?: string;
}

/** Reads which public addresses a subscription has; throws AzureError. */
export interface OwnAddresses {
  inSubscription(subscriptionId: string): Promise<OwnAddress[]>;
}

const networkVersion = "2024-05-01";
/** Far more than any subscription has; a list that never ends must not be followed for ever. */
const pageLimit = 100;

const Bound = z.object({ id: z.string() }).nullish();
const Page = z.object({
  value: z.array(
    z.object({
      id: z.string(),
      properties: z.object({
        ipAddress: z.string().nullish(),
        ipPrefix: z.string().nullish(),
        ipConfiguration: Bound,
        natGateway: Bound,
        loadBalancerFrontendIpConfiguration: Bound,
      }),
    }),
  ),
  nextLink: z.string().nullish(),
});

/**
 * Public IP addresses and prefixes as Microsoft.Network lists them. Not among them: instance addresses of scale sets, and the outbound
 * addresses of App Service, API Management and Front Door, which are no resources of the subscription.
 */
export function createOwnAddresses(connection: () => Promise<Connection>): OwnAddresses {
  const ask = createServiceRequest(connection, { origin: armEndpoint, scope: `${armEndpoint}/.default` });

  async function read(subscriptionId: string, type: "publicIPAddresses" | "publicIPPrefixes"): Promise<OwnAddress[]> {
    const attempt = `list the ${type} of subscription ${subscriptionId}`;
    const found: OwnAddress[] = [];
    const list = `/subscriptions/${encodeURIComponent(subscriptionId)}/providers/Microsoft.Network/${type}`;
    let path: string | undefined = `${list}?api-version=${networkVersion}`;
    for (let pages = 0; path !== undefined; pages++) {
      if (pages === pageLimit) throw unexpected(attempt, `it has more than ${pageLimit} pages`);
      const { status, body } = await ask({ attempt, method: "GET", path });
      const page = Page.safeParse(body);
      if (status === 404) throw new AzureError(attempt, { status, code: "", message: "there is no such subscription" });
      if (!page.success) throw unexpected(attempt, `the answer ${status} holds no such list`, status);
      for (const { id, properties } of page.data.value) {
        // A dynamic address that nothing uses is not allocated.
        const network = properties.ipAddress ?? properties.ipPrefix;
        const { ipConfiguration, natGateway, loadBalancerFrontendIpConfiguration } = properties;
        const boundTo = (ipConfiguration ?? natGateway ?? loadBalancerFrontendIpConfiguration)?.id;
        if (network) found.push({ network, resourceId: id, ...(boundTo === undefined ? {} : { boundTo }) });
      }
      path = nextPath(page.data.nextLink, list, attempt);
    }
    return found;
  }

  return {
    async inSubscription(subscriptionId) {
      const [addresses, prefixes] = await Promise.all([
        read(subscriptionId, "publicIPAddresses"),
        read(subscriptionId, "publicIPPrefixes"),
      ]);
      return [...addresses, ...prefixes];
    },
  };
}

/** The next page of the same list: one that leads elsewhere would make a part of the list pass for the whole. */
function nextPath(nextLink: string | null | undefined, list: string, attempt: string): string | undefined {
  if (!nextLink) return undefined;
  const url = URL.canParse(nextLink) ? new URL(nextLink) : undefined;
  if (url?.origin !== armEndpoint || url.pathname.toLowerCase() !== list.toLowerCase()) {
    throw unexpected(attempt, "its next page lies elsewhere");
  }
  return `${url.pathname}${url.search}`;
}

function unexpected(attempt: string, message: string, status = 200): AzureError {
  return new AzureError(attempt, { status, code: "UnexpectedAnswer", message });
}
