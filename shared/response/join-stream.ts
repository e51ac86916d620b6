import { joinStream } from "../alerts/families/xdr-stream-record.ts";
import { isObject } from "../alerts/fields.ts";
import type { Intake } from "../ledger/intake-journal.ts";
import { type Receiver, receiveReading } from "./receive.ts";

/** Makes one alert of the XDR stream's records that came within the window. Safe to repeat. */
export async function joinStreamAlert(alertId: string, receiver: Receiver): Promise<Intake> {
  const records = await receiver.parts.close(alertId, receiver.clock.now());
  return receiveReading(
    `xdr-stream ${alertId.slice(0, 200)}`,
    joinStream(records.filter(isObject)),
    undefined,
    receiver,
  );
}
