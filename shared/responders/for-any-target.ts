import type { Target, TargetKind, TargetOf } from "../ledger/target.ts";
import type { Command, CommandResponder } from "./responder.ts";

/** A responder for one kind of target as one that is handed any: what it was not made for never reaches it. */
export function forAnyTarget<Kind extends TargetKind>(own: CommandResponder<Kind>): CommandResponder {
  const of = (target: Target): TargetOf<Kind> => {
    if (isOf(target, own.target)) return target;
    throw new TypeError(`${own.id} is for ${own.target}, not for ${target.kind}`);
  };
  const narrow = <One extends Command>(command: One): Omit<One, "target"> & Command<Kind> => ({
    ...command,
    target: of(command.target),
  });
  const { ticket } = own;
  return {
    ...own,
    refusal: (target, params) => own.refusal(of(target), params),
    effect: (target, params) => own.effect(of(target), params),
    look: (command) => own.look(narrow(command)),
    requests: (command, before) => own.requests(narrow(command), before),
    ...(ticket ? { ticket } : {}),
    check: (command) => own.check(narrow(command)),
    undo: (command) => own.undo(narrow(command)),
    undone: (command) => own.undone(narrow(command)),
  };
}

function isOf<Kind extends TargetKind>(target: Target, kind: Kind): target is TargetOf<Kind> {
  return target.kind === kind;
}
