// Fetches the values of records, one or many at a time, tells why a record has none, and opens
// what came, without a copy where nobody else has the bytes.
import { Serialized } from "@acme/protocol";
import { readPython } from "@acme/python";
import { decodeValue } from "@acme/serialize";
import { CancelledError, LostDataError } from "./errors.js";
import { clientLimits } from "./limits.js";
import { inflate } from "./python/inflate.js";
import { remoteError } from "./remote-error.js";
import type { DeliveredValue, FutureRecord, ValueWaiter } from "./shell/future-record.js";
import type { Session } from "./shell/session.js";

/** @throws what the task threw, CancelledError, LostDataError, ClientClosedError */
export function valueOfRecord(session: Session, record: FutureRecord): Promise<DeliveredValue> {
  return new Promise((resolve, reject) => {
    askForValue(session, record, { value: resolve, failed: () => reject(failureOf(record)) });
  });
}

/** Has the waiter told, now or later. */
export function askForValue(session: Session, record: FutureRecord, waiter: ValueWaiter): void {
  if (record.status === "error" || record.status === "cancelled") {
    waiter.failed();
    return;
  }
  // Nobody would fetch it any more.
  session.assertOpen();
  if (record.addWaiter(waiter)) session.want([record]);
}

/** Why there is no value; for a record that is not finished. */
export function failureOf(record: FutureRecord): Error {
  const { key, failure, cancelled, lostBecause } = record;
  if (failure !== null) return remoteError(key, failure.exception, failure.traceback);
  if (cancelled !== null) return new CancelledError(key, cancelled.reason, cancelled.message);
  return new LostDataError(key, lostBecause ?? "no reason is known");
}

/** The value itself: each caller's own. A promise only if a module must be loaded for it. */
export function openValue({ value, isShared }: DeliveredValue): unknown {
  const { frames } = value;
  if (!value.isAcme) return openPython(value, isShared);
  const isOurs = !isShared && frames.every((frame, at) => at === 0 || isAlone(frame));
  return decodeValue(frames, { copyBuffers: !isOurs });
}

/** Arrays may be views of what came, if nobody else has it. */
function openPython(value: Serialized, isShared: boolean): unknown {
  const own = value.frames.map((frame) => (!isShared && isAlone(frame) ? frame : frame.slice()));
  return readPython(new Serialized(value.header, own), inflate);
}

/** Received by itself: not one of many in a buffer, and too large to be kept with its future. */
function isAlone({ byteLength, buffer }: Uint8Array): boolean {
  return byteLength === buffer.byteLength && byteLength > clientLimits.keptValueBytes;
}
