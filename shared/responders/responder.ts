import type * as z from "zod";
import type { Ask, AzureAnswer, AzureRequest } from "../azure/ask.ts";
import type { PointKind, Progress } from "../ledger/containment.ts";
import type { TargetKind, TargetOf, TargetSelector } from "../ledger/target.ts";
import type { FragmentEntry, SeenAs } from "../reconcile/fragment-entry.ts";

/** What an identity must be granted: an action of Azure RBAC, or an app role of an API. */
export type Permission =
  | { action: string }
  | { api: "Microsoft Graph" | "WindowsDefenderATP" | "Microsoft Cloud App Security"; appRole: string };

interface ResponderBase<Kind extends TargetKind> {
  /** Verb and object in kebab-case; also the file's name and its page in the docs. */
  id: string;
  /** One sentence that begins with a verb. */
  summary: string;
  /** What it is applied to. */
  target: Kind;
  /** What of an alert a step may name as its target. */
  selectors: readonly TargetSelector[];
  params: z.ZodType<Record<string, unknown>>;
  /** https://d3fend.mitre.org technique; absent where it has none, as for what only detects. */
  d3fend?: string;
  /** Why it cannot be taken back, where that matters: done by itself only when a person asks. */
  irreversible?: string;
  /** Why there is nothing to take back: it happens once and leaves nothing standing. */
  momentary?: string;
  /** What planning, applying, verifying and releasing use, and nothing else. */
  permissions: readonly Permission[];
  /** Why this target cannot be contained this way; undefined when it can. */
  refusal(target: TargetOf<Kind>, params: Record<string, unknown>): string | undefined;
}

/** Adds an entry to the fragment that Portcullis owns whole: `reconcile` applies, verifies and releases all of them alike. */
export interface FragmentResponder extends ResponderBase<"api-caller"> {
  kind: "list";
  point: "apim-fragment";
  /**
   * The entry that stands in the document while the containment is wanted; with several owners the strictest wish wins. `seenAs` tells
   * how the gateway sees who calls, where a proxy stands before it.
   */
  entry(target: TargetOf<"api-caller">, wishes: readonly Record<string, unknown>[], seenAs?: SeenAs): FragmentEntry;
  /** Wishes for which this differs are not compared, and each gets an entry of its own; absent where one is always the strictest. */
  apart?(params: Record<string, unknown>): string;
}

/** Adds an address to the IP Groups of a firewall. */
export interface GroupResponder extends ResponderBase<"address"> {
  kind: "list";
  point: "firewall";
  /** As it stands in the group: an address or a range. */
  address(target: TargetOf<"address">): string;
}

/** What a containment is about, with the way to the service. */
export interface Command<Kind extends TargetKind = TargetKind> {
  containmentId: string;
  target: TargetOf<Kind>;
  /** As `params` read them. */
  params: Record<string, unknown>;
  /** The resource id of its enforcement point. */
  resourceId: string;
  /** When it was first asked for. */
  since: Date;
  /** When its last owner's time ends. */
  until: Date;
  now: Date;
  ask: Ask;
}

/** A command that may have been sent, with what is written down about it. */
export interface Attempted<Kind extends TargetKind = TargetKind> extends Command<Kind> {
  progress: Progress;
}

type Memo = Progress["before"]["memo"];

/** What is so at the target now. */
export type Look =
  | { state: "free"; summary: string; memo?: Memo }
  /** It is so. `ours` where a mark shows that this containment did it. */
  | { state: "held"; summary: string; ours: boolean; memo?: Memo }
  /** The same is under way. */
  | { state: "running"; summary: string; ours: boolean; ticket: string; memo?: Memo }
  /** Something else is under way at this target: worth another look. */
  | { state: "busy"; reason: string }
  /** Only a person can, with the reason. */
  | { state: "impossible"; reason: string };

/** Whether what was asked for has come about. */
export type Check =
  | { state: "done" }
  | { state: "pending"; reason: string }
  /** The service gave up or somebody stopped it; `again` where it may be asked for once more. */
  | { state: "failed"; reason: string; again: boolean };

/**
 * Requests that contain, and one that takes it back. A responder only says what the requests are and what the answers mean: that
 * each is written down before it is sent, sent once, waited for, and tried again, is the same for all of them (reconcile-commands.ts).
 */
export interface CommandResponder<Kind extends TargetKind = TargetKind> extends ResponderBase<Kind> {
  kind: "command";
  point: Exclude<PointKind, "apim-fragment" | "firewall">;
  /** How long it may take until it is verified before a person is told, in milliseconds. */
  verifyWithinMs: number;
  /** In words what will be so, beside the summary of a look: "isolation: Full". */
  effect(target: TargetOf<Kind>, params: Record<string, unknown>): string;
  /** Reads only. */
  look(command: Command<Kind>): Promise<Look>;
  /** The requests that contain, sent in this order. */
  requests(command: Command<Kind>, before: Progress["before"]): readonly [AzureRequest, ...AzureRequest[]];
  /** What the service calls the action that it took on, where it has a name for it. */
  ticket?(answer: AzureAnswer): string | undefined;
  /** Whether it holds. Reads only. */
  check(command: Attempted<Kind>): Promise<Check>;
  /** The request that takes it back, or why it is left as it is: done by somebody else, gone, or not to be undone. Reads only. */
  undo(command: Attempted<Kind>): Promise<{ request: AzureRequest } | { leave: string }>;
  /** Whether it is taken back. Reads only. */
  undone(command: Attempted<Kind>): Promise<Check>;
}

export type Responder = FragmentResponder | GroupResponder | CommandResponder;
