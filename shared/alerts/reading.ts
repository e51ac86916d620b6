import type { Alert } from "./alert.ts";
import type { Json } from "./fields.ts";

/** Something that the payload only points at: it has to be read where it lies before there is an alert. */
export type Fetch =
  | { what: "arm-alert"; armId: string }
  | { what: "graph-alert"; id: string }
  | { what: "endpoint-alert"; id: string }
  /** A Sentinel incident holds neither its alerts nor its entities. */
  | { what: "sentinel-incident"; armId: string; incident?: Json };

/** One record of the XDR stream. An alert is its AlertInfo and all its AlertEvidence records, joined by `alertId`. */
export interface StreamPart {
  alertId: string;
  kind: "info" | "evidence";
  record: Json;
}

/** What became of a payload. */
export type Reading =
  | { alert: Alert }
  | { fetch: Fetch }
  | { part: StreamPart }
  /** Known, and no alert: an assessment, a clean scan, a handshake. */
  | { ignored: string }
  /** Cannot be used; `unknownShape` when no family knows it, which somebody should hear of. */
  | { refused: string; unknownShape?: boolean };

/** In a sentence why a reading is no alert (yet). */
export function reasonOf(reading: Exclude<Reading, { alert: Alert }>): string {
  if ("refused" in reading) return reading.refused;
  if ("ignored" in reading) return reading.ignored;
  if ("part" in reading) return `one ${reading.part.kind} record of the XDR stream, which is no alert alone`;
  return `it only points at a ${reading.fetch.what} that has to be fetched`;
}
