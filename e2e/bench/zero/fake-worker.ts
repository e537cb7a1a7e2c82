// A worker that computes nothing: it says at once that each task is finished, gives up no task
// that is to be stolen, and claims to hold whatever a task needs. What a scheduler costs by itself
// is measured with many of these. Speaks as one of our workers, or as a plain one of dask's.
import { type Connection, connect, type Security, Stream } from "@acme/comm";
import { Pickled, Serialized, type WireMap, type WireValue } from "@acme/protocol";

export interface FakeWorkerOptions {
  readonly address: string;
  readonly security: Security | undefined;
  readonly index: number;
  readonly nthreads: number;
  /** As dask's workers speak: nothing of ours in the registration, pickles in place of results. */
  readonly plain: boolean;
  /** Port of somebody who listens on all of 127.0.0.0/8 and answers in their place; 0: nobody. */
  readonly answersAt: number;
  /** Bytes of result that go along with each finished task; 0: none. */
  readonly inlineBytes: number;
}

const idleMetrics = {
  task_counts: {},
  bandwidth: { total: 100_000_000, workers: {}, types: {} },
  digests_total_since_heartbeat: {},
  managed_bytes: 0,
  spilled_bytes: { memory: 0, disk: 0 },
  transfer: { incoming_bytes: 0, outgoing_bytes: 0 },
  event_loop_interval: 0.02,
  cpu: 0,
  memory: 0,
  num_fds: 10,
};
const keepAliveMs = 60_000;

/** What all of them did since somebody looked. */
export class FakeWork {
  tasks = 0;
  firstMs = 0;
  lastMs = 0;
  /** Of the run specs that came with them. */
  specBytes = 0;

  note(nowMs: number, spec: WireValue | undefined): void {
    if (spec instanceof Pickled || spec instanceof Serialized) this.specBytes += spec.nbytes;
    if (this.tasks === 0) this.firstMs = nowMs;
    this.tasks += 1;
    this.lastMs = nowMs;
  }
}

export class FakeWorker {
  readonly #options: FakeWorkerOptions;
  readonly #stream: Stream;
  readonly #value: Serialized | undefined;
  readonly #keepAlive: NodeJS.Timeout;
  /** Keys it has said to hold although others computed them. */
  readonly #fetched = new Set<string>();
  readonly #work: FakeWork;

  private constructor(connection: Connection, options: FakeWorkerOptions, work: FakeWork) {
    this.#options = options;
    this.#work = work;
    const { inlineBytes } = options;
    if (inlineBytes > 0) this.#value = Serialized.acme([new Uint8Array(inlineBytes)]);
    this.#stream = new Stream(connection, { onBatch: (batch) => this.#receive(batch) });
    this.#stream.push({
      op: "worker-status-change",
      status: "running",
      stimulus_id: `running-${options.index}`,
    });
    const beat = () => this.#stream.push({ op: "keep-alive" });
    this.#keepAlive = setInterval(beat, keepAliveMs).unref();
  }

  /** Connects and registers. */
  static async start(options: FakeWorkerOptions, work: FakeWork): Promise<FakeWorker> {
    const { address, security } = options;
    const connection = await connect(address, { security, retry: true, timeoutMs: 60_000 });
    connection.send(registration(options));
    const reply = await connection.read();
    const status = reply instanceof Map ? reply.get("status") : undefined;
    if (status !== "OK") throw new Error(`the scheduler refused fake worker ${options.index}`);
    return new FakeWorker(connection, options, work);
  }

  close(): void {
    clearInterval(this.#keepAlive);
    this.#stream.connection.abort("the benchmark is over");
  }

  #receive(batch: readonly WireMap[]): void {
    const answers: object[] = [];
    const nowS = Date.now() / 1000;
    for (const message of batch) {
      switch (message.get("op")) {
        case "compute-task":
          this.#finish(message, nowS, answers);
          break;
        case "steal-request":
          // It had been finished before the request came.
          answers.push({
            op: "steal-response",
            key: message.get("key"),
            state: "executing",
            stimulus_id: message.get("stimulus_id"),
          });
          break;
        case "free-keys":
          for (const key of message.get("keys") as WireValue[]) this.#fetched.delete(String(key));
          break;
        default:
      }
    }
    this.#stream.pushAll(answers);
    this.#stream.flush();
  }

  #finish(message: WireMap, nowS: number, answers: object[]): void {
    this.#work.note(nowS * 1000, message.get("run_spec"));
    const stimulus_id = message.get("stimulus_id");
    const missing = this.#missing(message.get("who_has"));
    if (missing.length > 0) answers.push({ op: "add-keys", keys: missing, stimulus_id });
    const finished = {
      op: "task-finished",
      status: "OK",
      key: message.get("key"),
      run_id: message.get("run_id"),
      nbytes: this.#options.inlineBytes || 28,
      type: null,
      typename: "int",
      metadata: {},
      thread: null,
      startstops: [{ action: "compute", start: nowS, stop: nowS }],
      stimulus_id,
    };
    answers.push(this.#value === undefined ? finished : { ...finished, result: this.#value });
  }

  /** Inputs that are elsewhere arrive in no time. */
  #missing(whoHas: WireValue | undefined): WireValue[] {
    if (!(whoHas instanceof Map) || whoHas.size === 0) return [];
    const missing: WireValue[] = [];
    const own = addressOf(this.#options);
    for (const [key, holders] of whoHas as ReadonlyMap<WireValue, readonly string[]>) {
      if (holders.includes(own) || this.#fetched.has(String(key))) continue;
      this.#fetched.add(String(key));
      missing.push(key);
    }
    return missing;
  }
}

/** Each has its own, and nobody listens there, or somebody else. */
function addressOf({ address, answersAt, index }: FakeWorkerOptions): string {
  const host = `${index >> 16}.${(index >> 8) & 255}.${index & 255}`;
  if (answersAt === 0) return `tcp://10.${host}:9000`;
  return `${address.slice(0, address.indexOf(":"))}://127.${host}:${answersAt}`;
}

function registration(options: FakeWorkerOptions): object {
  const nowS = Date.now() / 1000;
  return {
    op: "register-worker",
    reply: false,
    address: addressOf(options),
    status: "init",
    nthreads: options.nthreads,
    name: `fake-${options.index}`,
    now: nowS,
    resources: {},
    memory_limit: 0,
    local_directory: "/nowhere",
    services: {},
    nanny: null,
    pid: process.pid,
    versions: {},
    metrics: { ...idleMetrics, time: nowS },
    extra: options.plain ? {} : { lang: "js", acme: 1 },
    stimulus_id: `worker-connect-${nowS}`,
    server_id: `fake-server-${process.pid}-${options.index}`,
  };
}
