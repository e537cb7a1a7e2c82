// Events in dask's sense: a flag by name that clients set, clear and wait for. Known only while it
// is set or waited for. Corresponds to dask's EventExtension.
import { reply, type Turn } from "../turn.js";
import { nameOf } from "./names.js";
import type { Asked, Flag } from "./state.js";
import { hasRoomForName } from "./stored.js";
import { next, park, unpark } from "./waiting.js";

export function setFlag(turn: Turn, asked: Asked<"event_set">): void {
  const flag = flagNamed(turn, asked);
  if (flag === null) return;
  flag.isSet = true;
  reply(turn, asked.requestId, null);
  for (let one = next(turn, flag.waiters); one; one = next(turn, flag.waiters)) {
    reply(turn, one.requestId, true);
  }
}

function flagNamed(turn: Turn, asked: Asked<"event_set"> | Asked<"event_wait">): Flag | null {
  const { flags } = turn.state.extensions;
  const name = nameOf(asked.request.name);
  const known = flags.get(name);
  if (known !== undefined) return known;
  if (!hasRoomForName(turn, asked)) return null;
  const made: Flag = { isSet: false, waiters: new Set() };
  flags.set(name, made);
  return made;
}

export function clearFlag(turn: Turn, { requestId, request }: Asked<"event_clear">): void {
  const { flags } = turn.state.extensions;
  const name = nameOf(request.name);
  const flag = flags.get(name);
  if (flag !== undefined) {
    flag.isSet = false;
    if (flag.waiters.size === 0) flags.delete(name);
  }
  reply(turn, requestId, null);
}

export function flagIsSet(turn: Turn, { requestId, request }: Asked<"event_is_set">): void {
  const flag = turn.state.extensions.flags.get(nameOf(request.name));
  reply(turn, requestId, flag?.isSet === true);
}

export function waitForFlag(turn: Turn, asked: Asked<"event_wait">): void {
  const flag = flagNamed(turn, asked);
  if (flag === null) return;
  if (flag.isSet) reply(turn, asked.requestId, true);
  else if (!park(turn, asked, flag.waiters)) endWait(turn, asked, true);
  else if (!flag.waiters.has(asked.requestId)) endWait(turn, asked, false);
}

/** Nobody waits for it any more, or its time is up. */
export function endWait(turn: Turn, asked: Asked<"event_wait">, isLate: boolean): void {
  const { flags } = turn.state.extensions;
  const name = nameOf(asked.request.name);
  const flag = flags.get(name);
  if (flag !== undefined) {
    unpark(turn, asked.requestId, flag.waiters);
    if (flag.waiters.size === 0 && !flag.isSet) flags.delete(name);
  }
  if (isLate) reply(turn, asked.requestId, false);
}
