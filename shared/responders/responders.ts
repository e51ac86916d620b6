import { alertAddComment } from "./alert-add-comment.ts";
import { alertSetStatus } from "./alert-set-status.ts";
import { apimBlockIp } from "./apim-block-ip.ts";
import { apimBlockUser } from "./apim-block-user.ts";
import { apimLimitRate } from "./apim-limit-rate.ts";
import { apimRotateKeys } from "./apim-rotate-keys.ts";
import { apimSuspendSubscription } from "./apim-suspend-subscription.ts";
import { entraConfirmCompromised } from "./entra-confirm-compromised.ts";
import { entraDisableApp } from "./entra-disable-app.ts";
import { entraDisableUser } from "./entra-disable-user.ts";
import { entraRevokeSessions } from "./entra-revoke-sessions.ts";
import { firewallBlockIp } from "./firewall-block-ip.ts";
import { forAnyTarget } from "./for-any-target.ts";
import { mdeBlockIndicator } from "./mde-block-indicator.ts";
import { mdeCollectPackage } from "./mde-collect-package.ts";
import { mdeIsolateMachine } from "./mde-isolate-machine.ts";
import { mdeQuarantineFile } from "./mde-quarantine-file.ts";
import { mdeRestrictApps } from "./mde-restrict-apps.ts";
import { mdeScanMachine } from "./mde-scan-machine.ts";
import type { Responder } from "./responder.ts";

const all: readonly Responder[] = [
  forAnyTarget(alertAddComment),
  forAnyTarget(alertSetStatus),
  apimBlockIp,
  forAnyTarget(apimBlockUser),
  apimLimitRate,
  forAnyTarget(apimRotateKeys),
  forAnyTarget(apimSuspendSubscription),
  forAnyTarget(entraConfirmCompromised),
  forAnyTarget(entraDisableApp),
  forAnyTarget(entraDisableUser),
  forAnyTarget(entraRevokeSessions),
  firewallBlockIp,
  forAnyTarget(mdeBlockIndicator),
  forAnyTarget(mdeCollectPackage),
  forAnyTarget(mdeIsolateMachine),
  forAnyTarget(mdeQuarantineFile),
  forAnyTarget(mdeRestrictApps),
  forAnyTarget(mdeScanMachine),
];

/** The list of them, by id. */
export const responders: ReadonlyMap<string, Responder> = new Map(all.map((responder) => [responder.id, responder]));
