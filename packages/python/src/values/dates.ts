// Points in time: `datetime` with or without a fixed offset, and `date`. What Date cannot say is lost
// or refused: microseconds are cut off, zones by name are left to the caller.
import { type PickleNode, PyObject, pyCall } from "../pickle/nodes.js";
import { PythonValueError } from "../pickle/pickle-errors.js";
import { bytesOf } from "./read-numpy.js";

const dayMs = 86_400_000;

/**
 * The instant of a pickled `datetime.datetime`; one without zone is read as UTC. Undefined if its
 * zone has no form here.
 */
export function readDatetime({ args }: PyObject): Date | undefined {
  const bytes = bytesOf(args[0]);
  if (bytes?.length !== 10) return undefined;
  const offsetMs = args.length < 2 ? 0 : readOffset(args[1]);
  if (offsetMs === undefined) return undefined;
  const [y1, y2, month, day, hours, minutes, seconds, u1, u2, u3] = bytes as unknown as number[];
  const ms = Math.floor(((u1! << 16) | (u2! << 8) | u3!) / 1000);
  // The highest bit of the month says which of two equal wall times it is.
  const date = utc((y1! << 8) | y2!, (month! & 0x7f) - 1, day!);
  date.setUTCHours(hours!, minutes!, seconds!, ms);
  return new Date(date.getTime() - offsetMs);
}

/** Midnight in UTC of a pickled `datetime.date`. */
export function readDate({ args }: PyObject): Date | undefined {
  const bytes = bytesOf(args[0]);
  if (bytes?.length !== 4) return undefined;
  return utc((bytes[0]! << 8) | bytes[1]!, bytes[2]! - 1, bytes[3]!);
}

/** A `datetime` in UTC. @throws PythonValueError beyond the years 1 to 9999 */
export function writeDate(date: Date): PickleNode {
  const year = date.getUTCFullYear();
  if (!(year >= 1 && year <= 9999)) {
    throw new PythonValueError("this Date has no form in Python: years go from 1 to 9999 there");
  }
  const micros = date.getUTCMilliseconds() * 1000;
  const bytes = Buffer.from([
    ...[year >> 8, year & 0xff, date.getUTCMonth() + 1, date.getUTCDate()],
    ...[date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()],
    ...[micros >> 16, (micros >> 8) & 0xff, micros & 0xff],
  ]);
  const utcZone = pyCall("datetime", "timezone", pyCall("datetime", "timedelta", 0));
  return pyCall("datetime", "datetime", bytes, utcZone);
}

/** Date.UTC takes the years below 100 for those of the last century. */
function utc(year: number, month: number, day: number): Date {
  const date = new Date(0);
  date.setUTCFullYear(year, month, day);
  return date;
}

function readOffset(zone: PickleNode | undefined): number | undefined {
  if (!(zone instanceof PyObject) || !zone.isMadeBy("datetime", "timezone")) return undefined;
  const [delta] = zone.args;
  if (!(delta instanceof PyObject) || !delta.isMadeBy("datetime", "timedelta")) return undefined;
  const [days = 0, seconds = 0, micros = 0] = delta.args as number[];
  return days * dayMs + seconds * 1000 + micros / 1000;
}
