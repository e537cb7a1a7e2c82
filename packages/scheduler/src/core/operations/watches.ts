// Whoever watches how far a computation is, as progress bars do: looks for it now and then, tells it
// what is done, and at last how it ended. What counts is found out in progress.ts.
import { Pickled, Serialized, type TaskKey } from "@acme/protocol";
import { coreLimits } from "../limits.js";
import { beginProgress, followProgress, type Progress, remainingByGroup } from "../progress.js";
import { type Turn, wakeBy } from "../turn.js";

/** What a watcher wants to be told. */
export interface WatchWish {
  readonly keys: readonly TaskKey[];
  /** All that the keys need counts too, done or not. */
  readonly complete: boolean;
  /** One number for all, or one for each prefix of keys or span of the program. */
  readonly groups: "all" | "prefix" | "spans";
  readonly everyMs: number;
}

interface Watch {
  readonly wish: WatchWish;
  /** Null: the graph of the keys is not there yet. */
  progress: Progress | null;
  nextMs: number;
}

export interface Watches {
  open: Map<number, Watch>;
  nextMs: number;
}

export const newWatches = (): Watches => ({ open: new Map(), nextMs: Number.POSITIVE_INFINITY });

/** Begins to watch; told once the keys are known. */
export function watch({ state, nowMs }: Turn, watchId: number, wish: WatchWish): void {
  state.watches.open.set(watchId, { wish, progress: null, nextMs: nowMs });
  state.watches.nextMs = nowMs;
}

/** The watcher is gone. */
export function unwatch({ state }: Turn, watchId: number): void {
  state.watches.open.delete(watchId);
}

/** Tells everybody whose turn it is. */
export function tellWatchers(turn: Turn): void {
  const { watches } = turn.state;
  if (watches.open.size === 0) return;
  if (watches.nextMs <= turn.nowMs) {
    watches.nextMs = Number.POSITIVE_INFINITY;
    for (const [watchId, one] of watches.open) {
      if (one.nextMs <= turn.nowMs) look(turn, watchId, one);
      watches.nextMs = Math.min(watches.nextMs, one.nextMs);
    }
  }
  wakeBy(turn, watches.nextMs);
}

function look(turn: Turn, watchId: number, one: Watch): void {
  const { wish } = one;
  one.progress ??= beginProgress(turn.state, wish.keys, wish.complete, wish.groups === "spans");
  // A look at very many tasks must not be most of what a scheduler does.
  const looked = one.progress?.remaining.size ?? 0;
  one.nextMs = turn.nowMs + Math.max(wish.everyMs, looked * coreLimits.watchPausePerTaskMs);
  if (one.progress === null) return;
  followProgress(turn.state, one.progress);
  turn.out.progress.push({ watchId, report: reportOf(one.progress, wish.groups) });
  if (one.progress.status === null) return;
  turn.state.watches.open.delete(watchId);
  one.nextMs = Number.POSITIVE_INFINITY;
}

function reportOf(progress: Progress, groups: WatchWish["groups"]): object {
  const { status, error } = progress;
  const counts = countsOf(progress, groups);
  if (error === null) return { ...counts, status };
  const { exception } = error;
  const isPayload = exception instanceof Serialized || exception instanceof Pickled;
  return {
    ...counts,
    status,
    key: error.key,
    exception: isPayload ? exception : (exception ?? true),
  };
}

function countsOf(progress: Progress, groups: WatchWish["groups"]): object {
  const { all, total, remaining, spans } = progress;
  if (groups === "all") return { all: total, remaining: remaining.size };
  const left = remainingByGroup(progress);
  if (groups === "prefix") return { all: new Map(all), remaining: left };
  const named = (counts: ReadonlyMap<string, number>) =>
    new Map(Array.from(counts, ([id, count]) => [spans.get(id) ?? id, count]));
  return { all: named(all), remaining: named(left) };
}
