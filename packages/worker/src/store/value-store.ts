// The values a worker holds, as frames: in memory, or on disk. Carries out the core's ordered
// list of orders; when to spill or drop, the core has decided. Values that just arrived wait here
// under the number of their source until an order keeps them.
import { assert, type TaskKey } from "@acme/protocol";
import type { WorkerEvent } from "../core/events.js";
import type { StoreOrder, ValueSource } from "../core/outbox.js";
import { type SpillFile, SpillFiles, type StoredValue } from "./spill-files.js";

/** A value, in memory or in a file or, since it never changes, in both. */
interface Entry {
  value: StoredValue | null;
  file: SpillFile | null;
}

export interface ValueStoreOptions {
  /** Folder for spilled values; made when first needed, removed by `close`. */
  spillFolder: string;
  /** The value of an order that ended well; asked once. */
  takeResult: (orderId: number) => StoredValue | undefined;
  onEvent: (event: WorkerEvent) => void;
  /** Answer a `get_data` with these values; resolves when the peer has confirmed or is gone. */
  serve: (requestId: number, values: ReadonlyMap<TaskKey, StoredValue>) => Promise<void>;
  /** Values of this size came into memory, or left it. */
  onMoved?: ((bytes: number) => void) | undefined;
  onProblem: (error: Error) => void;
}

export class ValueStore {
  readonly #options: ValueStoreOptions;
  readonly #entries = new Map<TaskKey, Entry>();
  readonly #arrived = new Map<string, ReadonlyMap<TaskKey, StoredValue>>();
  readonly #files: SpillFiles;
  /** Reading and writing under way. */
  readonly #busy = new Set<Promise<void>>();

  constructor(options: ValueStoreOptions) {
    this.#options = options;
    this.#files = new SpillFiles(options.spillFolder);
  }

  /** The value in memory; undefined if it is on disk or not here at all. */
  get(key: TaskKey): StoredValue | undefined {
    return this.#entries.get(key)?.value ?? undefined;
  }

  /** Puts values where a `keep` of this source will find them. */
  offer(source: ValueSource, id: number, values: ReadonlyMap<TaskKey, StoredValue>): void {
    this.#arrived.set(`${source}:${id}`, values);
  }

  /** What no order kept is forgotten; called after the step that saw the event. */
  settle(source: ValueSource, id: number): void {
    this.#arrived.delete(`${source}:${id}`);
  }

  apply(orders: readonly StoreOrder[]): void {
    for (const order of orders) {
      if (order.type === "keep") this.#keep(order.key, order.source, order.id);
      else if (order.type === "drop") this.#drop(order.key);
      else if (order.type === "serve") this.#serve(order.requestId, order.keys);
      else if (order.type === "spill") this.#track(this.#spill(order.key));
      else if (order.type === "load") this.#track(this.#load(order.key));
      else this.#unload(order.key);
    }
  }

  /** Forgets everything and removes the spill folder. */
  async close(): Promise<void> {
    this.#entries.clear();
    this.#arrived.clear();
    // A file that is still being written would keep its folder from being removed.
    while (this.#busy.size > 0) await Promise.all(this.#busy);
    await this.#files.removeAll().catch((error) => this.#options.onProblem(error));
  }

  #track(work: Promise<void>): void {
    this.#busy.add(work);
    void work.finally(() => this.#busy.delete(work));
  }

  /** A file that cannot be removed now goes with its folder. */
  #remove(file: SpillFile): void {
    this.#track(this.#files.remove(file).catch((error) => this.#options.onProblem(error)));
  }

  #keep(key: TaskKey, source: ValueSource, id: number): void {
    const value =
      source === "order"
        ? this.#options.takeResult(id)
        : this.#arrived.get(`${source}:${id}`)?.get(key);
    if (value === undefined) throw new Error(`no value of ${key} waits under ${source} ${id}`);
    this.#drop(key);
    this.#entries.set(key, { value, file: null });
    this.#options.onMoved?.(value.nbytes);
  }

  #drop(key: TaskKey): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    this.#entries.delete(key);
    if (entry.value !== null) this.#options.onMoved?.(entry.value.nbytes);
    if (entry.file !== null) this.#remove(entry.file);
  }

  #serve(requestId: number, keys: readonly TaskKey[]): void {
    const values = new Map<TaskKey, StoredValue>();
    for (const key of keys) {
      const value = this.get(key);
      if (value !== undefined) values.set(key, value);
    }
    const over = () => this.#options.onEvent({ type: "served", requestId });
    this.#options.serve(requestId, values).then(over, over);
  }

  async #spill(key: TaskKey): Promise<void> {
    const entry = this.#entries.get(key);
    if (entry?.value == null) return;
    try {
      const file = await this.#files.write(entry.value);
      if (this.#entries.get(key) !== entry) return this.#remove(file);
      const { nbytes } = entry.value;
      entry.file = file;
      entry.value = null;
      this.#options.onMoved?.(nbytes);
      this.#options.onEvent({ type: "spilled", key, bytes: file.bytes, ok: true });
    } catch (error) {
      if (this.#entries.get(key) !== entry) return;
      const problem = (error as Error).message;
      this.#options.onEvent({ type: "spilled", key, bytes: 0, ok: false, problem });
    }
  }

  #unload(key: TaskKey): void {
    const entry = this.#entries.get(key);
    if (entry?.value == null) return;
    assert(entry.file !== null, `${key} is to leave memory and is in no file`);
    this.#options.onMoved?.(entry.value.nbytes);
    entry.value = null;
  }

  async #load(key: TaskKey): Promise<void> {
    const entry = this.#entries.get(key);
    if (entry?.file == null) return;
    const file = entry.file;
    try {
      const value = await this.#files.read(file);
      if (this.#entries.get(key) !== entry) return;
      entry.value = value;
      this.#options.onMoved?.(value.nbytes);
      this.#options.onEvent({ type: "loaded", key, ok: true });
    } catch (error) {
      this.#options.onProblem(error as Error);
      if (this.#entries.get(key) === entry)
        this.#options.onEvent({ type: "loaded", key, ok: false });
    }
  }
}
