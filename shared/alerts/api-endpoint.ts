export interface ApiEndpoint {
  method: string;
  host: string;
  path: string;
}

/** Reads Defender for APIs' `Api Endpoint`: `"GET https://contoso.azure-api.net/orders/7"`. The alert carries no API id. */
export function readApiEndpoint(raw: string): ApiEndpoint | undefined {
  const [, method, address] = /^\s*([A-Za-z]{3,10})\s+(https?:\/\/\S+)\s*$/i.exec(raw) ?? [];
  if (!method || !address || !URL.canParse(address)) return undefined;
  const url = new URL(address);
  return { method: method.toUpperCase(), host: url.hostname.toLowerCase(), path: url.pathname };
}
