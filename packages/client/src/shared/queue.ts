// A queue that all clients of a cluster see, Python's too.
// What it means is the scheduler's; this only asks.
import type { Client } from "../client.js";
import type { Future } from "../future.js";
import type { WaitOptions } from "../shell/limited.js";
import { fieldsOf, openRecord, Shared, type SharedValue } from "./shared-values.js";

export interface QueueOptions {
  /** Items that fit in; who puts more waits. Default 0: any number. The first to open it decides. */
  readonly maxSize?: number | undefined;
}

/**
 * Items in order, from many to many: plain data or futures, shared with all clients of a cluster,
 * `distributed.Queue` of Python included.
 *
 * @example
 * ```ts
 * const jobs = new Queue<string>("jobs", client);
 * await jobs.put("first");
 * await jobs.get({ timeoutMs: 1000 }); // "first"
 * jobs.close();
 * ```
 */
export class Queue<T extends SharedValue | Future = SharedValue | Future> extends Shared {
  readonly #maxSize: number;
  #opened: Promise<unknown> | undefined;

  /**
   * @param name - whoever gives the same name shares the queue; default: a new one
   * @param client - default: the current client
   * @throws NoClusterError if there is none
   */
  constructor(name?: string, client?: Client, options: QueueOptions = {}) {
    super("Queue", name, client);
    this.#maxSize = options.maxSize ?? 0;
  }

  /** @throws WaitTimeoutError if it was full all the time, WireFormatError if it is no plain data */
  async put(value: T, options: WaitOptions = {}): Promise<void> {
    await this.#open();
    await this.ask({ op: "queue_put", ...(await fieldsOf(value)) }, options);
  }

  /** Takes the first item; waits until there is one. @throws WaitTimeoutError */
  async get(options: WaitOptions = {}): Promise<T> {
    await this.#open();
    return this.#take(await this.ask({ op: "queue_get" }, options));
  }

  /**
   * Takes several items.
   *
   * @param count - so many, as soon as they are there; default: all that are there now
   */
  async getBatch(count?: number, options: Pick<WaitOptions, "signal"> = {}): Promise<T[]> {
    await this.#open();
    if (count !== undefined && count < 1) return [];
    const records = await this.ask({ op: "queue_get", batch: count ?? true }, options);
    return (records as unknown[]).map((record) => this.#take(record));
  }

  /** How many items are in it. */
  async size(): Promise<number> {
    await this.#open();
    return Number(await this.ask({ op: "queue_qsize" }));
  }

  /** This client is done with it. It goes when all are, and what is in it with it. */
  close(): void {
    if (this.#opened === undefined) return;
    this.#opened = undefined;
    this.session.say({ op: "queue_release", name: this.name });
  }

  #take(record: unknown): T {
    const { session, name } = this;
    return openRecord(session, record, ({ key }) => {
      session.say({ op: "queue-future-release", name, key });
    }) as T;
  }

  #open(): Promise<unknown> {
    this.#opened ??= this.ask({ op: "queue_create", maxsize: this.#maxSize });
    return this.#opened;
  }
}
