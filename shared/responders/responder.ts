import type * as z from "zod";
import type { Target } from "../ledger/containment.ts";
import type { FragmentEntry } from "../reconcile/fragment-document.ts";

/**
 * One way to contain. A *list* responder adds an entry to a document that Portcullis owns whole: applying, verifying and
 * releasing are then the same for all of them, and `reconcile` does it.
 */
export interface ListResponder {
  /** Verb and object in kebab-case; also the file's name and its page in the docs. */
  id: string;
  /** One sentence that begins with a verb. */
  summary: string;
  kind: "list";
  point: "apim-fragment";
  /** What a step may name as its target. */
  targets: readonly TargetSelector[];
  params: z.ZodType<Record<string, unknown>>;
  /** https://d3fend.mitre.org technique */
  d3fend: string;
  reversible: boolean;
  /** Azure RBAC actions that planning, applying, verifying and releasing use. */
  permissions: readonly string[];
  /** Why this target cannot be contained this way; undefined when it can. */
  refusal(target: Target): string | undefined;
  /** The entry that stands in the document while the containment is wanted; with several owners the strictest wish wins. */
  entry(target: Target, wishes: readonly Record<string, unknown>[]): FragmentEntry;
}

type TargetSelector = "attacker-ip" | "api-endpoint";
