import { AzureError } from "../azure/azure-error.ts";
import { ServiceNotConfigured } from "../azure/create-ask.ts";
import type { Containment } from "../ledger/containment.ts";
import type { CommandResponder } from "../responders/responder.ts";
import { attemptedOf, type CommandTools, patience } from "./advance-command.ts";

/** Where the taking back of a command stands. */
export interface Undoing {
  /** Nothing of it is left to be taken back; with the reason where something stays as it is. */
  over: boolean;
  reason?: string;
  retryAfterMs?: number;
  limited?: boolean;
}

/**
 * Takes back one command that nobody wants any more: only what this containment did, and only if it still is so. May die anywhere, like
 * the way there.
 */
export async function undoCommand(
  containment: Containment,
  responder: CommandResponder,
  tools: CommandTools,
): Promise<Undoing> {
  const { progress } = containment;
  if (progress === undefined) return { over: true, reason: "nothing was done" };
  if (progress.before.held) return { over: true, reason: `left as it was before: ${progress.before.summary}` };
  if (progress.attemptedAt === undefined) return { over: true, reason: "nothing was done" };
  const lasting = responder.irreversible ?? responder.momentary;
  if (lasting !== undefined) return { over: true, reason: `nothing is taken back: ${lasting}` };
  try {
    const attempted = attemptedOf(containment, progress, responder, tools);
    if (progress.undoneAt !== undefined) {
      const check = await responder.undone(attempted);
      if (check.state === "done") return { over: true };
      const age = tools.clock.now().getTime() - Date.parse(progress.undoneAt);
      // A request that was lost on the way, or came to nothing, is made again; undo looks before it says what to send.
      if (check.state === "pending" && age < responder.verifyWithinMs) {
        return { over: false, reason: `being taken back: ${check.reason}`, retryAfterMs: patience(age) };
      }
    }
    const undo = await responder.undo(attempted);
    if ("leave" in undo) return { over: true, reason: undo.leave };
    const undoneAt = tools.clock.now().toISOString();
    await tools.containments.update(containment.point.key, containment.id, (now) =>
      now.progress === undefined ? undefined : { ...now, progress: { ...now.progress, undoneAt } },
    );
    const answer = await tools.ask(undo.request);
    const undoTicket = responder.ticket?.(answer);
    const recorded = await tools.containments.update(containment.point.key, containment.id, (now) =>
      now.progress === undefined
        ? undefined
        : { ...now, progress: { ...now.progress, ...(undoTicket === undefined ? {} : { undoTicket }) } },
    );
    if (!recorded?.progress) return { over: true };
    const check = await responder.undone(attemptedOf(recorded, recorded.progress, responder, tools));
    if (check.state === "done") return { over: true };
    return { over: false, reason: `being taken back: ${check.reason}`, retryAfterMs: patience(0) };
  } catch (error) {
    if (error instanceof ServiceNotConfigured) return { over: false, reason: error.message };
    if (!(error instanceof AzureError)) throw error;
    // What a retry cannot mend is not given up either: as long as it stands the ledger says so, and the timer comes by.
    const { retryAfterMs = error.transient ? 15_000 : 10 * 60_000, message, status } = error;
    return { over: false, reason: `could not be taken back: ${message}`, retryAfterMs, limited: status === 429 };
  }
}
