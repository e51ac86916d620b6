import type { JWTVerifyGetKey } from "jose";
import type { Clock } from "../clock.ts";
import type { Settings } from "../config.ts";

export type WebhookSettings = Pick<
  Settings,
  "PORTCULLIS_WEBHOOK_KEY" | "PORTCULLIS_WEBHOOK_TENANT" | "PORTCULLIS_WEBHOOK_AUDIENCE" | "PORTCULLIS_WEBHOOK_CALLERS"
>;

/** What tells who may come in. */
export interface Door {
  settings: WebhookSettings;
  /** The tenant's public keys. */
  keys: JWTVerifyGetKey;
  clock: Clock;
}
