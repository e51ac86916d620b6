import { expect, it } from "vitest";
import { requestUrl } from "../../../shared/azure/request-url.ts";

const origin = "https://defender.contoso.com";

it.each([
  ["/api/things/1?$filter=a%20eq%20'b'", `${origin}/api/things/1?$filter=a%20eq%20%27b%27`],
  ["/api/things/", `${origin}/api/things/`],
  ["/api/things/..1/x..", `${origin}/api/things/..1/x..`],
  ["/api/things/a%2F..%2Fb?next=/../x", `${origin}/api/things/a%2F..%2Fb?next=/../x`],
  [`${origin}/api/things?$skip=1`, `${origin}/api/things?$skip=1`],
  [`${origin}:443/api/things`, `${origin}/api/things`],
])("%s is asked for at its service", (path, url) => {
  expect(requestUrl("read it", path, origin)).toBe(url);
});

it.each([
  ["https://elsewhere.contoso.com/next", "is not https://defender.contoso.com"],
  ["//elsewhere.contoso.com/next", "is not https://defender.contoso.com"],
  ["/\\elsewhere.contoso.com/next", "is not https://defender.contoso.com"],
  ["http://defender.contoso.com/next", "is not https://defender.contoso.com"],
  ["https://defender.contoso.com:8443/next", "is not https://defender.contoso.com"],
  ["https://user@defender.contoso.com/next", "is not https://defender.contoso.com"],
  ["javascript:alert(1)", "is not https://defender.contoso.com"],
  ["https://", "what is no address is not"],
  ["/api/machines/../alerts/1", "leads up"],
  ["/api/machines/%2e%2E/alerts/1", "leads up"],
  ["/api/machines/.%2e", "leads up"],
  ["/api/machines\\..\\alerts", "leads up"],
  ["/api/machines/..?a=1", "leads up"],
  ["/api/machines/1#/isolate", "number sign"],
])("%s is a mistake, and not sent anywhere", (path, message) => {
  expect(() => requestUrl("read it", path, origin)).toThrow(message);
  expect(() => requestUrl("read it", path, origin)).toThrow(TypeError);
});
