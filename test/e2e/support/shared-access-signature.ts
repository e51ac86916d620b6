import { createHmac } from "node:crypto";

/** https://learn.microsoft.com/rest/api/eventhub/generate-sas-token, good for five minutes. */
export function sharedAccessSignature(resource: string, policy: string, key: string): string {
  const expiry = Math.floor(Date.now() / 1000) + 300;
  const encoded = encodeURIComponent(resource);
  const signature = createHmac("sha256", key).update(`${encoded}\n${expiry}`).digest("base64");
  return `SharedAccessSignature sr=${encoded}&sig=${encodeURIComponent(signature)}&se=${expiry}&skn=${policy}`;
}
