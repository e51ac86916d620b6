import * as z from "zod";
import type { ServiceName } from "../azure/ask.ts";
import { understood } from "../azure/understood.ts";
import type { Command, CommandResponder, Look } from "./responder.ts";

type AccountTarget = "user" | "service-principal";

const Account = z.object({
  accountEnabled: z.boolean(),
  onPremisesSyncEnabled: z.boolean().nullish(),
  userType: z.string().nullish(),
});
type Account = z.infer<typeof Account>;

/** What disabling a user and disabling an application have of their own. */
export interface AccountSwitch<Kind extends AccountTarget>
  extends Pick<
    CommandResponder<Kind>,
    "id" | "summary" | "point" | "target" | "selectors" | "d3fend" | "irreversible" | "permissions"
  > {
  service: ServiceName;
  /** Path of the object below Graph's version. */
  pathOf(target: CommandTargetOf<Kind>): string;
  select: string;
  /** Why only a person can, read off the account. */
  obstacle(account: Account): string | undefined;
}
type CommandTargetOf<Kind extends AccountTarget> = Command<Kind>["target"];

/** A write to Entra is not seen by every read right away; within this it is. */
const graceMs = 15 * 60_000;

/** A responder that sets accountEnabled to false, and back if it was true before. */
export function accountSwitch<Kind extends AccountTarget>(own: AccountSwitch<Kind>): CommandResponder<Kind> {
  const { service, pathOf, select, obstacle, ...described } = own;

  async function read({ ask, target }: Command<Kind>): Promise<Account | undefined> {
    const attempt = `read ${pathOf(target)}`;
    const path = `/v1.0${pathOf(target)}?$select=${select}`;
    const answer = await ask({ service, attempt, method: "GET", path });
    return answer.status === 404 ? undefined : understood(attempt, answer, Account);
  }

  function turn(target: CommandTargetOf<Kind>, accountEnabled: boolean) {
    const attempt = `${accountEnabled ? "enable" : "disable"} ${pathOf(target)}`;
    return { service, attempt, method: "PATCH" as const, path: `/v1.0${pathOf(target)}`, body: { accountEnabled } };
  }

  return {
    ...described,
    kind: "command",
    params: z.strictObject({}),
    verifyWithinMs: graceMs,
    refusal: () => undefined,
    effect: () => "accountEnabled: false",

    async look(command): Promise<Look> {
      const account = await read(command);
      if (!account) return { state: "impossible", reason: "the directory knows no such account" };
      const summary = `accountEnabled: ${account.accountEnabled}`;
      if (!account.accountEnabled) return { state: "held", summary, ours: false };
      const reason = obstacle(account);
      return reason === undefined ? { state: "free", summary } : { state: "impossible", reason };
    },

    requests: ({ target }) => [turn(target, false)],

    async check(command) {
      const account = await read(command);
      if (account?.accountEnabled === false) return { state: "done" };
      return {
        state: "pending",
        reason: account ? "accountEnabled is still true" : "the directory shows no such account",
      };
    },

    async undo(command) {
      const account = await read(command);
      if (!account) return { leave: "the account is gone" };
      if (account.accountEnabled) return { leave: "somebody has enabled it again" };
      return { request: turn(command.target, true) };
    },

    async undone(command) {
      const account = await read(command);
      if (!account || account.accountEnabled) return { state: "done" };
      return { state: "pending", reason: "accountEnabled is still false" };
    },
  };
}
