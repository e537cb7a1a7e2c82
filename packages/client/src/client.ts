// The face of a cluster: submits calls, fetches values, asks questions. Everything here is thin;
// what it does is in the rooms it calls.
import type { Security } from "@acme/comm";
import { type TaskKey, taskKey } from "@acme/protocol";
import { getReadyToPack } from "@acme/serialize";
import { startLocalCluster } from "./cluster-provider.js";
import { ArgumentError } from "./errors.js";
import { Future } from "./future.js";
import { type GatherOptions, gather } from "./gather.js";
import { functionName, uniqueKey, uniqueKeys } from "./graph/content-key.js";
import { Delayed } from "./graph/delayed.js";
import { packDelayed, packTaskGraph, type TaskGraph } from "./graph/task-graph.js";
import type { KeyLike } from "./inspection.js";
import * as inspection from "./inspection.js";
import { type ScatterOptions, scatterValues } from "./scatter.js";
import type { WaitOptions } from "./shell/limited.js";
import { type ClientLogEntry, Session } from "./shell/session.js";
import type { Submission } from "./shell/submission.js";
import { nameFutures, submitBatches, submitCalls } from "./shell/submit.js";
import {
  type ClusterHandle,
  type ConnectTarget,
  configuredAddress,
  findContact,
  handleOf,
} from "./target.js";
import type { TaskOptions } from "./task-options.js";
import type { ArgumentLists, Futures, Gathered } from "./types.js";

export interface ConnectOptions {
  /** Certificates (PEM texts) to use instead of those that are found with the target. */
  readonly security?: Security | undefined;
  /**
   * true (default): large values go straight between this process and the workers; where a worker
   * cannot be reached, through the scheduler. false: always through the scheduler.
   */
  readonly directToWorkers?: boolean | undefined;
  /** Milliseconds for connecting and registering; a scheduler may still be starting. */
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** true: a cluster object that is connected to ends when this client is closed. */
  readonly closesCluster?: boolean | undefined;
  /** Gets what is worth knowing; default: warnings go to standard error. */
  readonly onLog?: ((entry: ClientLogEntry) => void) | undefined;
}

export interface SubmitOptions extends TaskOptions {
  /** Key of the task. The same key names the same task, whatever it would compute. */
  readonly key?: string | undefined;
  /** true (default): the same call has the same key, and runs once. false: it runs each time. */
  readonly pure?: boolean | undefined;
}

export interface MapOptions<B extends readonly unknown[] = []> extends TaskOptions {
  /** A prefix for the keys, or one key per call. */
  readonly key?: string | readonly string[] | undefined;
  readonly pure?: boolean | undefined;
  /** Arguments that all calls share, after those of the lists. */
  readonly args?: Futures<B> | undefined;
}

export interface ComputeOptions extends TaskOptions {
  /** Keys of an explicit graph whose results are wanted; default: all. */
  readonly keys?: readonly string[] | undefined;
}

/**
 * A connection to a cluster.
 *
 * @example
 * ```ts
 * const client = await Client.connect("tls://127.0.0.1:8786");
 * try {
 *   const futures = client.map((x: number) => x ** 2, [[1, 2, 3]]);
 *   console.log(await client.gather(futures)); // [1, 4, 9]
 * } finally {
 *   await client.close();
 * }
 * ```
 */
export class Client {
  readonly #session: Session;
  readonly #owned: ClusterHandle | undefined;

  private constructor(session: Session, owned: ClusterHandle | undefined) {
    this.#session = session;
    this.#owned = owned;
  }

  /**
   * Connects to a cluster.
   *
   * @param target - an address, the name of a cluster under `~/.acme/clusters` or the path of its
   *   directory, `{ schedulerFile }`, `{ name }`, or a cluster object; default: the setting
   *   `scheduler-address` (`DASK_SCHEDULER_ADDRESS`), else a new local cluster, which `close()` ends.
   *   Credentials are found with the target; those of the user's own clusters also by address
   * @throws ConnectError, HandshakeError, TlsError, RegistrationError, ContactFileError,
   *   NoCredentialsError, CredentialsError, LooseCredentialsError
   */
  static async connect(target?: ConnectTarget, options: ConnectOptions = {}): Promise<Client> {
    const known = target ?? configuredAddress();
    const owned = known === undefined ? await startLocalCluster() : undefined;
    try {
      const contact = await findContact(known ?? (owned as ClusterHandle), options.security);
      const session = await Session.open({
        onLog: warnOnStandardError,
        ...options,
        address: contact.address,
        security: contact.security,
      });
      // Unless the program has something to send at once, it waits for an answer now.
      setImmediate(() => void getReadyToPack());
      return new Client(session, owned ?? (options.closesCluster ? handleOf(target) : undefined));
    } catch (error) {
      await owned?.close();
      throw error;
    }
  }

  /** Name under which the scheduler knows this client. */
  get id(): string {
    return this.#session.id;
  }

  get schedulerAddress(): string {
    return this.#session.address;
  }

  /** @internal For rooms of this package that send many calls and keep none. */
  get session(): Session {
    return this.#session;
  }

  /** False after `close()`, and when the scheduler is gone for good. */
  get isOpen(): boolean {
    return this.#session.isOpen;
  }

  /**
   * Runs a function on the cluster.
   *
   * @param fn - any function that can be sent; its results are awaited there
   * @param args - its arguments; futures anywhere inside stand for their values
   * @throws ArgumentError if `args` is no array, ClientClosedError. A call that cannot be sent fails
   *   its future.
   * @example
   * ```ts
   * const future = client.submit((a: number, b: number) => a + b, [1, 2]);
   * await future.result(); // 3
   * ```
   */
  submit<A extends unknown[], R>(
    fn: (...args: A) => R,
    args: Futures<A>,
    options: SubmitOptions = {},
  ): Future<Awaited<R>> {
    assertFunction("submit", fn);
    if (!Array.isArray(args)) {
      throw new ArgumentError("the arguments of submit() are one array, as in submit(f, [1, 2])");
    }
    const { key, pure = true } = options;
    let keys: TaskKey[] | null = null;
    if (key !== undefined) keys = [taskKey(key)];
    else if (!pure) keys = [uniqueKey(functionName(fn))];
    const calls = { fn, rows: [args as readonly unknown[]], shared: [] };
    const submission = submitCalls(this.#session, calls, keys, options);
    return new Future<Awaited<R>>(this.#session, submission, 0);
  }

  /**
   * Runs a function once per element of its lists, as one graph.
   *
   * @param lists - for each argument the list of its values; all of one length
   * @param options - `args`: further arguments that all calls share and that are sent once
   * @throws ArgumentError if the lists differ in length, ClientClosedError
   * @example
   * ```ts
   * const futures = client.map((x: number, y: number) => x * y, [[1, 2, 3], [4, 5, 6]]);
   * await client.gather(futures); // [4, 10, 18]
   * ```
   */
  map<A extends unknown[], R, B extends unknown[] = []>(
    fn: (...args: [...A, ...B]) => R,
    lists: ArgumentLists<A>,
    options: MapOptions<B> = {},
  ): Future<Awaited<R>>[] {
    assertFunction("map", fn);
    const rows = zip(lists as readonly (readonly unknown[])[]);
    if (rows.length === 0) return [];
    const keys = mapKeys(fn, rows.length, options);
    const calls = { fn, rows, shared: (options.args ?? []) as readonly unknown[] };
    const submission = submitCalls(this.#session, calls, keys, options);
    return rows.map((_, index) => new Future<Awaited<R>>(this.#session, submission, index));
  }

  /**
   * Sends delayed calls with everything below them, or an explicit graph, as one graph.
   *
   * @returns a future per call; for a graph an object of futures by key
   * @throws ClientClosedError; what is wrong with the graph fails its futures
   * @example
   * ```ts
   * const add = delayed((a: number, b: number) => a + b);
   * const [total] = client.compute([add(add(1, 2), 3)]);
   * const { y } = client.compute({ x: 1, y: [Math.hypot, ref("x"), 2] }, { keys: ["y"] });
   * ```
   */
  compute<T>(call: Delayed<T>, options?: ComputeOptions): Future<T>;
  compute<T>(calls: readonly Delayed<T>[], options?: ComputeOptions): Future<T>[];
  compute<G extends TaskGraph>(graph: G, options?: ComputeOptions): { [K in keyof G]: Future };
  compute(
    what: Delayed | readonly Delayed[] | TaskGraph,
    options: ComputeOptions = {},
  ): Future | Future[] | Record<string, Future> {
    if (what instanceof Delayed) return this.compute([what], options)[0] as Future;
    const name = nameFutures(this.#session);
    if (Array.isArray(what)) {
      const roots = what as readonly Delayed[];
      const keys = roots.map((root) => root.key);
      return this.#submitGraph(keys, options, () => packDelayed(roots, name));
    }
    const graph = what as TaskGraph;
    const wanted = options.keys ?? Object.keys(graph);
    const keys = wanted.map(taskKey);
    const futures = this.#submitGraph(keys, options, () =>
      packTaskGraph(graph, new Set(keys), name, options),
    );
    return Object.fromEntries(wanted.map((key, index) => [key, futures[index] as Future]));
  }

  /**
   * Fetches the values of all futures in a nested structure with one request.
   *
   * @param nested - a future, or arrays, plain objects, maps and sets that hold some
   * @returns the same structure with values in place of futures
   * @throws the first error met, unless `errors` is `"skip"`; WaitTimeoutError
   */
  gather<T>(nested: T, options: GatherOptions = {}): Promise<Gathered<T>> {
    return gather(this.#session, nested, options);
  }

  /**
   * Puts values on workers and gives futures for them, to be used as arguments.
   *
   * @param data - an array or plain object of values, which gives as many futures, or one value
   * @example
   * ```ts
   * const [table] = await client.scatter([bigTable], { broadcast: true });
   * client.map(lookUp, [ids], { args: [table] });
   * ```
   */
  scatter<T>(data: readonly T[], options?: ScatterOptions): Promise<Future<T>[]>;
  scatter<T extends Record<string, unknown>>(
    data: T,
    options?: ScatterOptions,
  ): Promise<{ [K in keyof T]: Future<T[K]> }>;
  scatter<T>(data: T, options?: ScatterOptions): Promise<Future<T>>;
  async scatter(data: unknown, options: ScatterOptions = {}): Promise<unknown> {
    const session = this.#session;
    if (Array.isArray(data)) return scatterValues(session, data, options);
    if (typeof data !== "object" || data === null || !isPlain(data)) {
      return (await scatterValues(session, [data], options))[0];
    }
    const futures = await scatterValues(session, Object.values(data), options);
    return Object.fromEntries(Object.keys(data).map((name, index) => [name, futures[index]]));
  }

  /** Gives tasks up. @param options - `force`: also for other clients that want them */
  async cancel(
    futures: Iterable<KeyLike>,
    options: { readonly force?: boolean | undefined } = {},
  ): Promise<void> {
    const handles = [...futures];
    // A cancellation that overtook its graph would concern nothing, and the tasks would run.
    await Promise.all(handles.map((each) => typeof each !== "string" && each.handedOver()));
    const keys = (await inspection.keysOf(handles)) as string[];
    this.#session.cancel(keys.map(taskKey), options.force ?? false);
  }

  /** Runs failed tasks once more. */
  async retry(futures: Iterable<KeyLike>): Promise<void> {
    const keys = await inspection.keysOf(futures);
    await this.#session.call({ op: "retry", keys, client: this.id });
  }

  /** Addresses of the workers that hold each key. */
  whoHas(futures?: Iterable<KeyLike>): Promise<Map<string, string[]>> {
    return inspection.askAboutKeys(this.#session, "who_has", futures);
  }

  /** Keys that each worker holds. */
  hasWhat(workers?: readonly string[]): Promise<Map<string, string[]>> {
    return inspection.askAboutWorkers(this.#session, "has_what", workers);
  }

  /** Threads of each worker. */
  ncores(workers?: readonly string[]): Promise<Map<string, number>> {
    return inspection.askAboutWorkers(this.#session, "ncores", workers);
  }

  /** Bytes of each value in memory. */
  nbytes(futures?: Iterable<KeyLike>): Promise<Map<string, number>> {
    return inspection.askAboutKeys(this.#session, "nbytes", futures);
  }

  /** Keys of the tasks that each worker has been given. */
  processing(workers?: readonly string[]): Promise<Map<string, string[]>> {
    return inspection.askAboutWorkers(this.#session, "processing", workers);
  }

  /** What happened to tasks: rows of key, from, to, details, cause and seconds. */
  async story(...futures: KeyLike[]): Promise<unknown[]> {
    const keys = await inspection.keysOf(futures);
    return (await this.#session.call({ op: "get_story", keys_or_stimuli: keys })) as unknown[];
  }

  /** Why a task is where it is, in words. */
  async explain(future: KeyLike): Promise<string> {
    const [key] = (await inspection.keysOf([future])) as string[];
    return String(await this.#session.call({ op: "explain", key }));
  }

  /** The scheduler and its workers. @param nWorkers - list at most that many; default all */
  schedulerInfo(nWorkers?: number): Promise<inspection.SchedulerInfo> {
    return inspection.schedulerInfo(this.#session, nWorkers);
  }

  /** Has workers leave after moving what only they hold. @returns their addresses */
  retireWorkers(options: inspection.RetireOptions = {}): Promise<string[]> {
    return inspection.retireWorkers(this.#session, options);
  }

  /** Restarts all workers and forgets all tasks: every future is cancelled. */
  restart(options: inspection.RestartOptions = {}): Promise<void> {
    return inspection.restart(this.#session, options);
  }

  /** Waits until at least that many workers accept tasks. @throws WaitTimeoutError */
  waitForWorkers(count: number, options: WaitOptions = {}): Promise<void> {
    return inspection.waitForWorkers(this.#session, count, options);
  }

  /** Versions of client, scheduler and workers. */
  getVersions(): Promise<Record<string, unknown>> {
    return inspection.versions(this.#session);
  }

  /**
   * Ends the connection; pending futures are cancelled and their tasks released. A local cluster
   * that `connect()` started ends too, and one that was given with `closesCluster`. An open client
   * keeps the process alive, a closed one does not.
   */
  async close(): Promise<void> {
    await this.#session.close("closed by close()");
    await this.#owned?.close();
  }

  /** Closes at the end of an `await using` block. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #submitGraph(
    keys: readonly TaskKey[],
    options: ComputeOptions,
    pack: () => ReturnType<typeof packDelayed>,
  ): Future[] {
    if (keys.length === 0) return [];
    const submission: Submission = submitBatches(this.#session, keys, options.signal, pack);
    return keys.map((_, index) => new Future(this.#session, submission, index));
  }
}

function assertFunction(method: string, fn: unknown): void {
  if (typeof fn === "function") return;
  throw new ArgumentError(`the first argument of ${method}() is a function, not ${typeof fn}`);
}

function zip(lists: readonly (readonly unknown[])[]): unknown[][] {
  const bad = lists.findIndex(
    (list) => typeof list?.length !== "number" || typeof list === "string",
  );
  if (bad >= 0) {
    throw new ArgumentError(
      `list ${bad} of map() is no array: give one list per argument, as in map(f, [[1, 2, 3]])`,
    );
  }
  const lengths = new Set(lists.map((list) => list.length));
  if (lengths.size > 1) {
    throw new ArgumentError(
      `the lists of map() have different lengths (${[...lengths].join(", ")}): ` +
        "make them equal, or pass what all calls share as `args`",
    );
  }
  const length = lists[0]?.length ?? 0;
  return Array.from({ length }, (_, i) => lists.map((list) => list[i]));
}

function mapKeys(
  fn: { readonly name: string },
  count: number,
  { key, pure = true }: Pick<MapOptions, "key" | "pure">,
): readonly TaskKey[] | null {
  if (typeof key === "string") return uniqueKeys(key, count);
  if (key !== undefined) {
    if (key.length === count) return key.map(taskKey);
    throw new ArgumentError(`map() got ${key.length} keys for ${count} calls`);
  }
  return pure ? null : uniqueKeys(functionName(fn), count);
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function warnOnStandardError(entry: ClientLogEntry): void {
  if (entry.level === "warn") process.stderr.write(`acme client: ${entry.message}\n`);
}
