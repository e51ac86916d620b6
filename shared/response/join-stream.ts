import { joinStream } from "../alerts/families/xdr-stream-record.ts";
import { isObject } from "../alerts/fields.ts";
import type { Intake } from "../ledger/intake-journal.ts";
import { type Receiver, receiveReading } from "./receive.ts";

/** Makes one alert of all the XDR stream's records that have come so far. Safe to repeat. */
export async function joinStreamAlert(alertId: string, receiver: Receiver): Promise<Intake> {
  const records = await receiver.parts.all(alertId);
  const eventId = `xdr-stream ${alertId.slice(0, 200)}`;
  return receiveReading({ eventId, reading: joinStream(records.filter(isObject)), publishedAt: undefined }, receiver);
}
