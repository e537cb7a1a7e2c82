// dask's progress bars, which ask by sending functions to be run inside the scheduler again and
// again. Those are not run: they are recognised, and the core tells what they would find. All others
// are refused. Corresponds to feed of dask's Scheduler with the Progress plugins of its diagnostics.
import type { Connection, RpcContext, RpcReply } from "@acme/comm";
import { taskKey } from "@acme/protocol";
import type { Outbox, SchedulerEvent } from "../core/index.js";
import { durationMs } from "./duration.js";
import { shellLimits } from "./limits.js";
import { NeedsPythonError } from "./python-errors.js";
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
  const keys = wish.keys.map((key) => taskKey(key));
  shell.feeds.begin({ ...wish, keys, everyMs }, context.takeOver());
  return null;
}

type WatchWish = Extract<SchedulerEvent, { type: "watched" }>["wish"];

/** Connections whose peers watch how far something is. */
export class Feeds {
  readonly #open = new Map<number, Connection>();
  readonly #post: (event: SchedulerEvent) => void;
  #last = 0;

  constructor(post: (event: SchedulerEvent) => void) {
    this.#post = post;
  }

  begin(wish: WatchWish, connection: Connection): void {
    this.#last += 1;
    const watchId = this.#last;
    this.#open.set(watchId, connection);
    this.#post({ type: "watched", watchId, wish });
    void connection.closed.then(() => {
      if (this.#open.delete(watchId)) this.#post({ type: "unwatched", watchId });
    });
    // A client that has what it wanted hangs up; all else that it could say is of no interest.
    void connection.read().catch(() => {});
  }

  tell(reports: Outbox["progress"]): void {
    for (const { watchId, report } of reports) {
      const connection = this.#open.get(watchId);
      if (connection?.isOpen) connection.send(report);
    }
  }
}
