import * as z from "zod";
import { isApiManagementService, parseArmId } from "../arm-id.ts";
import { armEndpoint } from "./arm-request.ts";
import { AzureError } from "./azure-error.ts";
import type { Connection } from "./connection.ts";
import { createServiceRequest } from "./service-request.ts";

/** A public address, or a block of them, that belongs to a subscription or to an API Management service. */
export interface OwnAddress {
  /** One address, or a CIDR block. */
  network: string;
  /** ARM id of the public IP address or prefix, or of the API Management service. */
  resourceId: string;
  /** ARM id of the configuration that it is bound to: of a gateway, a load balancer, a network interface; absent where it is free. */
  boundTo?: string;
}

/** Reads which public addresses are ours; every method throws AzureError. */
export interface OwnAddresses {
  inSubscription(subscriptionId: string): Promise<OwnAddress[]>;
  /** Those that an API Management service has of its own; the Consumption and the v2 tiers tell none. */
  ofApiManagement(serviceId: string): Promise<OwnAddress[]>;
}

/** The version that the rest of the product speaks. */
const apiManagementVersion = "2024-05-01";
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

/** Of each region: its load balancer's, and those of a NAT gateway (`outbound…`), which may be blocks. */
const Region = z.object({
  publicIPAddresses: z.array(z.string()).nullish(),
  outboundPublicIPAddresses: z.array(z.string()).nullish(),
});
const Service = z.object({ properties: Region.extend({ additionalLocations: z.array(Region).nullish() }) });

/**
 * Public IP addresses and prefixes as Microsoft.Network lists them, and the addresses that API Management names. Not among them:
 * instance addresses of scale sets, and the outbound addresses of App Service and Front Door, which are no resources of a subscription.
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

    async ofApiManagement(serviceId) {
      const id = parseArmId(serviceId);
      const attempt = `read the addresses of ${id?.name ?? "an API Management service"}`;
      if (!id || !isApiManagementService(id)) throw new TypeError(`${attempt}: that is no service's ARM id`);
      const { status, body } = await ask({
        attempt,
        method: "GET",
        path: `${id.id}?api-version=${apiManagementVersion}`,
      });
      if (status === 404) throw new AzureError(attempt, { status, code: "", message: "there is no such service" });
      const service = Service.safeParse(body);
      if (!service.success) throw unexpected(attempt, "the answer is no API Management service", status);
      const { additionalLocations, ...primary } = service.data.properties;
      return [primary, ...(additionalLocations ?? [])]
        .flatMap((region) => [...(region.publicIPAddresses ?? []), ...(region.outboundPublicIPAddresses ?? [])])
        .map((network) => ({ network, resourceId: id.id }));
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
