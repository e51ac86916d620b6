import type * as z from "zod";
import {
  actionTicket,
  cancellation,
  isUnderWay,
  type MachineAction,
  machineAction,
  machineActions,
  requestOfMachine,
} from "../azure/machine-actions.ts";
import type { TargetOf, TargetSelector } from "../ledger/target.ts";
import type { Attempted, Check, Command, CommandResponder, Look, Permission } from "./responder.ts";

type Kind = "machine" | "file";

/** What one kind of machine action has of its own. */
export interface MachineCommand {
  id: string;
  summary: string;
  target: Kind;
  selectors: readonly TargetSelector[];
  params: z.ZodType<Record<string, unknown>>;
  d3fend?: string;
  irreversible?: string;
  momentary?: string;
  /** The app role that asks for it and, with polling, all that is needed. */
  appRole: string;
  /** Path of the request and the type that the service gives the action. */
  action: { verb: string; type: string };
  /** The action that takes it back. */
  inverse?: { verb: string; type: string };
  /** What the body holds besides the comment. */
  body?(target: TargetOf<Kind>, params: Record<string, unknown>): Record<string, unknown>;
  /** Whether an action is about this very target, where machine and type alone do not tell. */
  isAbout?(action: MachineAction, target: TargetOf<Kind>): boolean;
  effect(target: TargetOf<Kind>, params: Record<string, unknown>): string;
}

const hour = 3_600_000;

/**
 * A responder that asks Defender for Endpoint for an action at a machine. What is so now is read off the actions of the past: the service
 * has no other place that says whether a machine is isolated.
 */
export function machineCommand(own: MachineCommand): CommandResponder<Kind> {
  const { action, inverse, body, isAbout, appRole, ...described } = own;
  const permissions: readonly Permission[] = [
    { api: "WindowsDefenderATP", appRole },
    { api: "WindowsDefenderATP", appRole: "Machine.Read.All" },
  ];
  const types = [action.type, ...(inverse ? [inverse.type] : [])];

  async function history({ ask, target }: Command<Kind>): Promise<MachineAction[]> {
    const actions = await machineActions(ask, target.machineId, types);
    return isAbout ? actions.filter((one) => isAbout(one, target)) : actions;
  }

  function lookAt(actions: readonly MachineAction[], { containmentId, since }: Command<Kind>): Look {
    const pending = actions.find(isUnderWay);
    if (pending && pending.type !== action.type) {
      const reason = `${pending.type} is under way at this machine, asked for by ${requestorOf(pending)}`;
      return { state: "busy", reason };
    }
    if (pending) {
      const ours = isOurs(pending, containmentId);
      const summary = `${pending.type} asked for by ${requestorOf(pending)}`;
      return { state: "running", summary, ours, ticket: pending.id };
    }
    const latest = actions.find(({ status }) => status === "Succeeded");
    if (latest?.type !== action.type) return { state: "free", summary: latest ? nameOf(latest) : `no ${action.type}` };
    const ours = isOurs(latest, containmentId);
    // A scan of last week is no scan of now.
    const isOld = own.momentary !== undefined && (!ours || Date.parse(latest.creationDateTimeUtc) < since.getTime());
    return isOld
      ? { state: "free", summary: nameOf(latest) }
      : { state: "held", summary: `${nameOf(latest)} by ${requestorOf(latest)}`, ours };
  }

  return {
    ...described,
    kind: "command",
    point: "endpoint",
    permissions,
    verifyWithinMs: hour,
    refusal: () => undefined,

    async look(command) {
      return lookAt(await history(command), command);
    },

    requests({ target, params, containmentId, until }) {
      const comment = `Portcullis ${containmentId}${own.momentary === undefined ? `, until ${until.toISOString()}` : ""}`;
      return [requestOfMachine(target.machineId, action.verb, { Comment: comment, ...body?.(target, params) })];
    },

    ticket: actionTicket,

    async check(command): Promise<Check> {
      const { ticket } = command.progress;
      const found = ticket === undefined ? undefined : await machineAction(command.ask, ticket);
      if (found && found.type !== action.type) {
        return { state: "failed", reason: `the action that the service named is ${found.type}`, again: true };
      }
      if (found && isUnderWay(found)) return { state: "pending", reason: `${found.type} is ${found.status}` };
      if (found && found.status !== "Succeeded") return ended(found);
      if (found && inverse === undefined) return { state: "done" };
      // An action that succeeded may have been taken back since: by a person, or another product.
      const look = lookAt(await history(command), command);
      if (look.state === "held") return { state: "done" };
      if (look.state === "running") return { state: "pending", reason: look.summary };
      const reason = look.state === "free" ? look.summary : look.reason;
      return { state: "failed", reason, again: found === undefined };
    },

    async undo(command) {
      const { containmentId, target, progress } = command;
      const comment = `Portcullis ${containmentId}: its time is over`;
      const actions = await history(command);
      const pending = actions.find(isUnderWay);
      if (pending?.type === inverse?.type && pending) return { leave: `${pending.type} is under way already` };
      if (pending) {
        return pending.id === progress.ticket || isOurs(pending, containmentId)
          ? { request: cancellation(pending.id, comment) }
          : { leave: `${requestorOf(pending)} has asked for the same since` };
      }
      const look = lookAt(actions, command);
      if (look.state !== "held") return { leave: "somebody has taken it back already" };
      if (!look.ours) return { leave: `somebody else did the same since: ${look.summary}` };
      if (!inverse) return { leave: "there is no way back" };
      return { request: requestOfMachine(target.machineId, inverse.verb, { Comment: comment }) };
    },

    async undone(command): Promise<Check> {
      return settled(await history(command), command);
    },
  };

  function settled(actions: readonly MachineAction[], { containmentId }: Attempted<Kind>): Check {
    const pending = actions.find(isUnderWay);
    if (pending) return { state: "pending", reason: `${pending.type} is ${pending.status}` };
    const latest = actions.find(({ status }) => status === "Succeeded");
    // What somebody else did since stays.
    if (latest?.type !== action.type || !isOurs(latest, containmentId)) return { state: "done" };
    return { state: "failed", reason: "it still stands", again: true };
  }
}

function isOurs({ requestorComment }: MachineAction, containmentId: string): boolean {
  return requestorComment?.includes(`Portcullis ${containmentId}`) ?? false;
}

function nameOf({ type, creationDateTimeUtc }: MachineAction): string {
  return `${type} of ${creationDateTimeUtc}`;
}

/** A person by name, an application by its id. */
function requestorOf({ requestor }: MachineAction): string {
  return requestor?.slice(0, 100) || "somebody";
}

/** Offline machines end in TimeOut after three days; then it may be asked for again, if somebody still wants it. */
function ended({ status, type, cancellationComment }: MachineAction): Check {
  const why = cancellationComment ? `: ${cancellationComment.slice(0, 200)}` : "";
  return { state: "failed", reason: `${type} ended as ${status}${why}`, again: status === "TimeOut" };
}
