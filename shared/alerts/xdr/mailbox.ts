import type { Entities } from "../entities.ts";
import type { Role } from "../entity.ts";
import { find, type Json, join, meant } from "../fields.ts";
import { statedRole } from "./evidence-role.ts";

export function addMailbox(entities: Entities, role: Role, raw: unknown, foundAt: string): void {
  const address = meant(raw)?.toLowerCase();
  if (address?.includes("@")) entities.add("mailbox", role, { address }, foundAt);
}

interface Sender {
  message: Json;
  /** Field of the message with the address. */
  name: string;
  /** Path of the message. */
  at: string;
  direction: string | undefined;
  /** The message is none of an attacker's, or an investigation has found that there is nothing to it. */
  isContext: boolean;
}

/** The address of the last mail server that relayed the message. What leaves the house, or stays in it, was sent by one of ours. */
export function addSenderAddress(entities: Entities, { message, name, at, direction, isContext }: Sender): void {
  const sender = find(message, name);
  if (!sender || meant(sender.value) === undefined) return;
  const isTheirs = isDirection("inbound", direction) && !isContext;
  entities.address(isTheirs ? "implied attacker" : "context", sender.value, join(at, sender.key));
}

/** The roles of a message are its sender's, but for one: what is only context has no victims. Nor has it any of ours outside. */
export function recipientRole(evidence: Json, direction: string | undefined): Role {
  const isOurs = isDirection("inbound", direction) || isDirection("intraorg", direction);
  return isOurs && statedRole(evidence) !== "context" ? "victim" : "context";
}

function isDirection(wanted: string, direction = "inbound"): boolean {
  return direction.toLowerCase() === wanted;
}
