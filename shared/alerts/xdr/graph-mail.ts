import { addUser } from "../account.ts";
import type { Entities } from "../entities.ts";
import { each, eachObject, find, type Json, join, meant, text } from "../fields.ts";
import { isHarmless, statedRole } from "./evidence-role.ts";
import { addGraphUser } from "./graph-user.ts";
import { addMailbox, addSenderAddress, recipientRole } from "./mailbox.ts";

export function readMailbox(evidence: Json, at: string, entities: Entities): void {
  const role = statedRole(evidence) ?? "victim";
  const address = find(evidence, text(evidence, "primaryAddress") ? "primaryAddress" : "upn");
  addMailbox(entities, role, address?.value, `${at}.${address?.key}`);
  addGraphUser(evidence, "userAccount", at, role, entities);
}

/** A rule or a permission of a mailbox: often what the attacker has changed, and not who. */
export function readMailboxConfiguration(evidence: Json, at: string, entities: Entities): void {
  const role = statedRole(evidence) ?? "context";
  const address = find(evidence, "mailboxPrimaryAddress");
  addMailbox(entities, role, address?.value, `${at}.${address?.key}`);
  addUser(entities, role, { objectId: text(evidence, "externalDirectoryObjectId"), upn: text(evidence, "upn") }, at);
}

export function readAnalyzedMessage(evidence: Json, at: string, entities: Entities): void {
  const direction = text(evidence, "antiSpamDirection");
  addSender(evidence, "senderIp", direction, at, entities);
  const recipient = find(evidence, "recipientEmailAddress");
  addMailbox(entities, recipientRole(evidence, direction), recipient?.value, `${at}.${recipient?.key}`);
  each(evidence, "urls", at, (url, urlAt) => addUrl(entities, url, urlAt));
}

export function readTeamsMessage(evidence: Json, at: string, entities: Entities): void {
  const direction = text(evidence, "messageDirection");
  addSender(evidence, "senderIP", direction, at, entities);
  const role = recipientRole(evidence, direction);
  each(evidence, "recipients", at, (recipient, foundAt) => addMailbox(entities, role, recipient, foundAt));
  eachObject(evidence, "urls", at, (url, urlAt) => addUrl(entities, text(url, "url"), urlAt));
}

/** A mail that a user reported: the user may be wrong. */
export function readSubmittedMail(evidence: Json, at: string, entities: Entities): void {
  const sender = find(evidence, "senderIp");
  if (sender && meant(sender.value))
    entities.address(statedRole(evidence) ?? "context", sender.value, join(at, sender.key));
  const recipient = find(evidence, "recipient");
  addMailbox(entities, recipientRole(evidence, undefined), recipient?.value, `${at}.${recipient?.key}`);
}

function addSender(evidence: Json, name: string, direction: string | undefined, at: string, entities: Entities): void {
  const isContext = isHarmless(evidence) || statedRole(evidence) === "context";
  addSenderAddress(entities, { message: evidence, name, at, direction, isContext });
}

function addUrl(entities: Entities, raw: unknown, foundAt: string): void {
  entities.add("url", "context", { url: meant(raw) }, foundAt);
}
