import type { Api, ApiManagementService, Operation } from "../azure/api-management/store.ts";
import type { EventGridOptions } from "../azure/event-grid/topic.ts";
import type { EventHubNamespace } from "../azure/event-hub/event-hub-options.ts";

export { tenant } from "./tenant.ts";

/** The simulated tenant of the plays: one shop with three APIs, and policies as customers write them. */
export const serviceId =
  "/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/rg-shop/providers/Microsoft.ApiManagement/service/contoso-shop";
export const gatewayHost = "contoso-shop.azure-api.net";

/** Works on this machine only, against the simulated topic only. */
export const topicKey = "local-only-topic-key";
export const hubKey = "local-only-hub-key";

/** C# expressions, a comment and a named value: what must be the same after Portcullis has put its line in. */
const globalPolicy = `<!-- Owned by the platform team -->
<policies>
  <inbound>
    <set-header name="X-Correlation-Id" exists-action="skip">
      <value>@(context.RequestId.ToString())</value>
    </set-header>
    <choose>
      <when condition="@(context.Request.Headers.GetValueOrDefault(&quot;X-Tier&quot;, &quot;&quot;) == &quot;{{internal-tier}}&quot; &amp;&amp; 1 &lt; 2)">
        <set-variable name="tier" value="internal" />
      </when>
    </choose>
  </inbound>
  <backend>
    <forward-request />
  </backend>
  <outbound />
  <on-error />
</policies>`;

const ordersPolicy = `<policies>
  <inbound>
    <base />
    <rate-limit-by-key calls="1000" renewal-period="60" counter-key="@(context.Request.IpAddress)" />
  </inbound>
  <backend>
    <base />
  </backend>
  <outbound>
    <base />
  </outbound>
  <on-error>
    <base />
  </on-error>
</policies>`;

export function services(): ApiManagementService[] {
  return [
    {
      id: serviceId,
      name: "contoso-shop",
      location: "West Europe",
      sku: "StandardV2",
      gatewayHost,
      apis: byId(
        api("orders", "Orders", "orders", [
          ["list-orders", "GET", "/"],
          ["get-order", "GET", "/{orderId}"],
          ["create-order", "POST", "/"],
        ]),
        api("catalog", "Catalog", "catalog", [
          ["search", "GET", "/search"],
          ["get-product", "GET", "/products/{sku}"],
        ]),
        api("payments", "Payments", "payments", [["create-payment", "POST", "/"]]),
      ),
      subscriptions: new Map([
        [
          "partner-fabrikam",
          {
            id: "partner-fabrikam",
            displayName: "Fabrikam",
            scope: "/apis",
            ownerId: "fabrikam",
            state: "active",
            primaryKey: "local-only-subscription-key",
            secondaryKey: "local-only-second-subscription-key",
            etag: '"partner-1"',
          },
        ],
      ]),
      users: new Map([
        [
          "fabrikam",
          {
            id: "fabrikam",
            firstName: "Fabrikam",
            lastName: "Partner",
            email: "partner@fabrikam.example",
            state: "active",
            etag: '"fabrikam-1"',
          },
        ],
      ]),
      namedValues: new Map([["internal-tier", { id: "internal-tier", displayName: "internal-tier", value: "gold" }]]),
      fragments: new Map(),
      policies: new Map([
        ["", { xml: globalPolicy, etag: '"global-1"' }],
        ["apis/orders", { xml: ordersPolicy, etag: '"orders-1"' }],
      ]),
    },
  ];
}

export function eventHubs({ hostUrl }: { hostUrl: string }): EventHubNamespace {
  return {
    name: "contoso-alerts",
    hubs: [{ name: "alerts", partitions: 2 }],
    policies: [{ name: "send", key: hubKey }],
    consumers: [
      {
        hub: "alerts",
        consumerGroup: "$Default",
        endpoint: `${hostUrl}/runtime/webhooks/eventhub?functionName=receiveExport`,
      },
    ],
  };
}

export function eventGrid({ hostUrl }: { hostUrl: string }): Pick<EventGridOptions, "topics" | "subscriptions"> {
  return {
    topics: [{ name: "alerts", region: "westeurope", key: topicKey }],
    subscriptions: [
      {
        topic: "alerts",
        name: "portcullis",
        endpoint: `${hostUrl}/runtime/webhooks/EventGrid?functionName=receiveAlert`,
        maxAttempts: 30,
        ttlMinutes: 1440,
      },
    ],
  };
}

function api(
  id: string,
  displayName: string,
  path: string,
  operations: readonly (readonly [string, string, string])[],
): Api {
  const listed = operations.map(
    ([operationId, method, urlTemplate]): Operation => ({
      id: operationId,
      displayName: operationId,
      method,
      urlTemplate,
    }),
  );
  return { id, displayName, path, subscriptionRequired: false, operations: byId(...listed) };
}

function byId<T extends { id: string }>(...items: T[]): Map<string, T> {
  return new Map(items.map((item) => [item.id, item]));
}
