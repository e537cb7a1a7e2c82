// Everything sent in one event-loop turn leaves together: streams and connections with something
// queued are flushed once, in the check phase that follows. No timers; it must not know what is
// flushed.

/** Something that has bytes to hand over at the end of the turn. */
export interface Flushable {
  flush(): void;
}

let waiting: Flushable[] = [];

/** Calls `flush` once at the end of this turn; call it only once per turn and item. */
export function flushAfterTurn(item: Flushable): void {
  if (waiting.push(item) === 1) setImmediate(flushWaiting);
}

function flushWaiting(): void {
  try {
    // The list grows while a flushed stream hands its array to a connection.
    for (let i = 0; i < waiting.length; i++) waiting[i]!.flush();
  } finally {
    waiting = [];
  }
}
