import type { ArmRoute } from "../resource-manager/route.ts";
import { page } from "./paging.ts";
import { findService, groupServicesPath, servicePath, servicesIn, servicesPath } from "./resources.ts";
import type { ApiManagementService } from "./store.ts";

export function serviceRoutes(services: readonly ApiManagementService[]): ArmRoute[] {
  return [
    {
      operationId: "ApiManagementService_List",
      method: "GET",
      path: servicesPath,
      answer: (call) => page(call, servicesIn(services, call.params).map(present)),
    },
    {
      operationId: "ApiManagementService_ListByResourceGroup",
      method: "GET",
      path: groupServicesPath,
      answer: (call) => page(call, servicesIn(services, call.params).map(present)),
    },
    {
      operationId: "ApiManagementService_Get",
      method: "GET",
      path: servicePath,
      answer: (call) => ({ status: 200, body: present(findService(services, call.params)) }),
    },
  ];
}

function present(service: ApiManagementService): object {
  const { id, name, location, sku, gatewayHost } = service;
  const gateway = `https://${gatewayHost}`;
  return {
    id,
    name,
    type: "Microsoft.ApiManagement/service",
    location,
    tags: {},
    etag: "AAAAAAAWBIU=",
    sku: { name: sku, capacity: sku === "Consumption" ? 0 : 1 },
    properties: {
      publisherEmail: "api-publisher@example.com",
      publisherName: name,
      notificationSenderEmail: "apimgmt-noreply@mail.windowsazure.com",
      provisioningState: "Succeeded",
      targetProvisioningState: "",
      createdAtUtc: "2024-01-01T00:00:00Z",
      gatewayUrl: gateway,
      ...(sku === "Consumption"
        ? {}
        : { gatewayRegionalUrl: gateway.replace(".azure-api", `-${location}-01.regional.azure-api`) }),
      hostnameConfigurations: service.hostnameConfigurations ?? [
        { type: "Proxy", hostName: gatewayHost, negotiateClientCertificate: false, defaultSslBinding: true },
      ],
      ...(sku === "Consumption" ? {} : { publicIPAddresses: service.publicIPAddresses ?? ["192.0.2.210"] }),
      virtualNetworkType: "None",
      disableGateway: false,
      publicNetworkAccess: "Enabled",
      platformVersion: platformOf(service),
    },
  };
}

function platformOf({ sku }: ApiManagementService): string {
  if (sku === "Consumption") return "mtv1";
  return sku.endsWith("V2") ? "stv2.1" : "stv2";
}
