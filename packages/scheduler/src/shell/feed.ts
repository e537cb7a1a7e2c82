// dask's progress bars, which ask by sending functions to be run inside the scheduler again and
// again. Those are not run: they are recognised, and answered from the view. All others are refused.
// Corresponds to feed of dask's Scheduler with the Progress plugins of its diagnostics.
import type { Connection, RpcContext, RpcReply } from "@acme/comm";
import { Pickled, Serialized, type TaskKey, taskKey } from "@acme/protocol";
import { view } from "../core/index.js";
import { durationMs } from "./duration.js";
import { shellLimits } from "./limits.js";
import { NeedsPythonError } from "./python-errors.js";
import type { ProgressWish } from "./python-side.js";
import type { Request } from "./request-types.js";
import type { ShellContext } from "./shell-context.js";

export function feed(
  shell: ShellContext,
  { setup, interval }: Request<"feed">,
  context: RpcContext,
): RpcReply {
  const wish = setup instanceof Uint8Array ? (shell.pickles?.progressWish(setup) ?? null) : null;
  if (wish === null) {
    throw new NeedsPythonError(
      "feed",
      "only dask's own progress bars are answered; run a function on the workers with client.run, or " +
        "follow events with client.subscribe_topic",
    );
  }
  const { feedMinMs, feedMaxMs } = shellLimits;
  const everyMs = Math.min(Math.max(durationMs(interval) ?? 1_000, feedMinMs), feedMaxMs);
  new ProgressFeed(shell, wish, context.takeOver()).start(everyMs);
  return null;
}

class ProgressFeed {
  readonly #shell: ShellContext;
  readonly #wish: ProgressWish;
  readonly #keys: TaskKey[];
  readonly #connection: Connection;
  #progress: view.Progress | null = null;
  #timer: NodeJS.Timeout | undefined;

  constructor(shell: ShellContext, wish: ProgressWish, connection: Connection) {
    this.#shell = shell;
    this.#wish = wish;
    this.#keys = wish.keys.map(taskKey);
    this.#connection = connection;
  }

  start(everyMs: number): void {
    void this.#connection.closed.then(() => clearTimeout(this.#timer));
    // A client that has what it wanted hangs up; all else that it could say is of no interest.
    void this.#connection.read().catch(() => {});
    this.#look(everyMs);
  }

  /** The graph of the keys may still be on its way: until it is there nothing is told. */
  #look(everyMs: number): void {
    const { state } = this.#shell;
    const startedMs = performance.now();
    this.#progress ??= this.#begin();
    if (this.#progress !== null) {
      view.followProgress(state, this.#progress);
      if (this.#connection.isOpen) this.#connection.send(this.#report(this.#progress));
      if (this.#progress.status !== null) return;
    }
    if (!this.#connection.isOpen) return;
    // A look at very many tasks must not be most of what a scheduler does.
    const tookMs = performance.now() - startedMs;
    const pauseMs = Math.max(everyMs, tookMs * shellLimits.feedPauseFactor);
    this.#timer = setTimeout(() => this.#look(everyMs), pauseMs);
  }

  #begin(): view.Progress | null {
    const { complete, groups } = this.#wish;
    return view.beginProgress(this.#shell.state, this.#keys, complete, groups === "spans");
  }

  #counts(progress: view.Progress): object {
    const { all, total, remaining, spans } = progress;
    if (this.#wish.groups === "all") return { all: total, remaining: remaining.size };
    const left = view.remainingByGroup(progress);
    if (this.#wish.groups === "prefix") return { all, remaining: left };
    const named = (counts: ReadonlyMap<string, number>) =>
      new Map(Array.from(counts, ([id, count]) => [spans.get(id) ?? id, count]));
    return { all: named(all), remaining: named(left) };
  }

  #report(progress: view.Progress): object {
    const { status, error } = progress;
    const counts = this.#counts(progress);
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
}
