import type { GraphState } from "./state.ts";
import { change, changesOf } from "./versions.ts";

/**
 * Does what Entra Connect did by now: Active Directory is the source of a synced user, so that what the cloud made of `accountEnabled` is
 * put back. It runs at every multiple of the interval since 1970. A user whom a test replaces by an object of its own was changed in
 * Active Directory.
 */
export function syncDirectory(state: GraphState, now: Date): void {
  const every = state.syncEveryMs;
  if (every === undefined) return;
  for (const user of state.users) {
    if (user.onPremisesSyncEnabled !== true) continue;
    const changes = changesOf(user).filter(({ before, after }) => before?.accountEnabled !== after.accountEnabled);
    const [first, latest] = [changes[0], changes.at(-1)];
    if (!first || !latest || user.accountEnabled === first.before?.accountEnabled) continue;
    const next = new Date((Math.floor(latest.at / every) + 1) * every);
    if (next <= now) change(state.users, user, { accountEnabled: first.before?.accountEnabled }, next);
  }
}
