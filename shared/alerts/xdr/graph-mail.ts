import type { Entities } from "../entities.ts";
import type { Role } from "../entity.ts";
import { addUser } from "../families/account.ts";
import { find, isObject, type Json, list, meant, text } from "../fields.ts";
import type { Findings } from "./findings.ts";
import { isHarmless, statedRole } from "./graph-roles.ts";
import { addGraphUser } from "./graph-user.ts";

export function readMailbox(evidence: Json, at: string, findings: Findings): void {
  const role = statedRole(evidence) ?? "victim";
  const address = find(evidence, text(evidence, "primaryAddress") ? "primaryAddress" : "upn");
  addMailbox(findings.entities, role, address?.value, `${at}.${address?.key}`);
  addGraphUser(evidence, "userAccount", at, role, findings);
}

/** A rule or a permission of a mailbox: often what the attacker has changed, and not who. */
export function readMailboxConfiguration(evidence: Json, at: string, { entities }: Findings): void {
  const role = statedRole(evidence) ?? "context";
  const address = find(evidence, "mailboxPrimaryAddress");
  addMailbox(entities, role, address?.value, `${at}.${address?.key}`);
  addUser(entities, role, { objectId: text(evidence, "externalDirectoryObjectId"), upn: text(evidence, "upn") }, at);
}

export function readAnalyzedMessage(evidence: Json, at: string, { entities }: Findings): void {
  const direction = text(evidence, "antiSpamDirection");
  addSender(evidence, "senderIp", direction, at, entities);
  const recipient = find(evidence, "recipientEmailAddress");
  addMailbox(entities, recipientRole(evidence, direction), recipient?.value, `${at}.${recipient?.key}`);
  const urls = list(evidence, "urls");
  for (const [index, url] of urls.items.entries()) addUrl(entities, url, `${at}.${urls.key}[${index}]`);
}

export function readTeamsMessage(evidence: Json, at: string, { entities }: Findings): void {
  const direction = text(evidence, "messageDirection");
  addSender(evidence, "senderIP", direction, at, entities);
  const recipients = list(evidence, "recipients");
  for (const [index, recipient] of recipients.items.entries())
    addMailbox(entities, recipientRole(evidence, direction), recipient, `${at}.${recipients.key}[${index}]`);
  const urls = list(evidence, "urls");
  for (const [index, url] of urls.items.entries())
    if (isObject(url)) addUrl(entities, text(url, "url"), `${at}.${urls.key}[${index}]`);
}

/** A mail that a user reported: the user may be wrong. */
export function readSubmittedMail(evidence: Json, at: string, { entities }: Findings): void {
  const sender = find(evidence, "senderIp");
  if (meant(sender?.value)) entities.address(statedRole(evidence) ?? "context", sender?.value, `${at}.${sender?.key}`);
  const recipient = find(evidence, "recipient");
  addMailbox(entities, recipientRole(evidence, undefined), recipient?.value, `${at}.${recipient?.key}`);
}

/** The address of the last mail server that relayed the message. What leaves the house, or stays in it, was sent by one of ours. */
function addSender(evidence: Json, name: string, direction: string | undefined, at: string, entities: Entities): void {
  const sender = find(evidence, name);
  if (!meant(sender?.value)) return;
  const isContext = !isDirection("inbound", direction) || isHarmless(evidence) || statedRole(evidence) === "context";
  entities.address(isContext ? "context" : "attacker", sender?.value, `${at}.${sender?.key}`, { implied: true });
}

/** The roles of a message are its sender's, but for one: what is only context has no victims. Nor has it any of ours outside. */
export function recipientRole(evidence: Json, direction: string | undefined): Role {
  const isOurs = isDirection("inbound", direction) || isDirection("intraorg", direction);
  return isOurs && statedRole(evidence) !== "context" ? "victim" : "context";
}

function isDirection(wanted: string, direction = "inbound"): boolean {
  return direction.toLowerCase() === wanted;
}

export function addMailbox(entities: Entities, role: Role, raw: unknown, foundAt: string): void {
  const address = meant(raw)?.toLowerCase();
  if (address?.includes("@")) entities.add("mailbox", role, { address }, foundAt);
}

function addUrl(entities: Entities, raw: unknown, foundAt: string): void {
  entities.add("url", "context", { url: meant(raw) }, foundAt);
}
