import { joinStream } from "../../shared/alerts/families/xdr-stream-record.ts";
import type { Json } from "../../shared/alerts/fields.ts";
import { readAll } from "../../shared/alerts/read-alert.ts";
import type { Reading } from "../../shared/alerts/reading.ts";
import { unwrapAll } from "../../shared/alerts/unwrap.ts";

/** One payload and what was made of it. */
export interface ReadBody {
  where: string;
  family: string;
  payload: unknown;
  reading: Reading;
}

/** What the intake makes of a body: envelopes and wrappers off, every payload read. */
export function readBody({ where, body }: { where: string; body: unknown }): ReadBody[] {
  const isList = Array.isArray(body) && body.length > 0;
  return unwrapAll(body).flatMap((delivery, index): ReadBody[] => {
    const here = isList ? `${where} [${index}]` : where;
    if ("refused" in delivery)
      return [{ where: here, family: "envelope", payload: body, reading: { refused: delivery.refused } }];
    return readAll(delivery.payload).map(({ at, family, payload, reading }) => ({
      where: at === "" ? here : `${here} ${at}`,
      family,
      payload,
      reading,
    }));
  });
}

/** Puts the records of the XDR stream in one file together, as the intake does within a window of time. */
export function startJoining(where: string) {
  const parts = new Map<string, Json[]>();
  return {
    /** Whether it was a record, which is shown when all are there. */
    take({ reading }: ReadBody): boolean {
      if (!("part" in reading)) return false;
      const { alertId, record } = reading.part;
      const known = parts.get(alertId);
      if (known) known.push(record);
      else parts.set(alertId, [record]);
      return true;
    },
    finish(): ReadBody[] {
      return [...parts.values()].map((records) => ({
        where: `${where} (${records.length} ${records.length === 1 ? "record" : "records"})`,
        family: "XDR stream record",
        payload: records,
        reading: joinStream(records),
      }));
    },
  };
}
