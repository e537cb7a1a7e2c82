// A client that only counts: sends graphs slice by slice as our client does, and waits for the
// wanted keys. It keeps no future per key, so that ten million of them fit beside the scheduler.
import { connect, type Security, Stream } from "@acme/comm";
import type { WireMap } from "@acme/protocol";
import type { Workload } from "./graphs.js";

export class Driver {
  readonly #stream: Stream;
  #sequence = 0;
  #acknowledged = 0;
  #inMemory = 0;
  #failure: Error | undefined;
  #check: () => void = () => {};

  private constructor(stream: (onBatch: (batch: readonly WireMap[]) => void) => Stream) {
    this.#stream = stream((batch) => this.#receive(batch));
  }

  static async connect(address: string, security: Security | undefined): Promise<Driver> {
    const connection = await connect(address, { security, retry: true });
    connection.send({
      op: "register-client",
      client: `Client-zero-${process.pid}`,
      reply: false,
      versions: {},
      acme: 1,
    });
    await connection.read();
    return new Driver((onBatch) => new Stream(connection, { onBatch }));
  }

  /** Sends the graphs; resolves when the scheduler has taken the last one. */
  async submit(workload: Workload): Promise<void> {
    for (const graph of workload.slices()) {
      this.#send({ op: "update-graph", graph, sequence: this.#sequence, keys: [] });
      this.#sequence += 1;
      await this.#stream.drained();
    }
    await this.#until(() => this.#acknowledged === this.#sequence);
  }

  /** Resolves when so many keys were reported, and begins to count afresh. */
  async finished(keys: number): Promise<void> {
    await this.#until(() => this.#inMemory >= keys);
    this.#inMemory = 0;
  }

  async release(workload: Workload): Promise<void> {
    for (const keys of workload.wantedKeys()) {
      this.#send({ op: "client-releases-keys", keys });
      await this.#stream.drained();
    }
    // Answered in order, so that all before is done.
    this.#send({ op: "report-key", key: "nobody-knows-this" });
    await this.#until(() => this.#released);
    this.#released = false;
  }

  close(): void {
    this.#stream.connection.abort("the benchmark is over");
  }

  #released = false;

  #send(message: object): void {
    this.#stream.push(message);
    this.#stream.flush();
  }

  async #until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      if (this.#failure !== undefined) throw this.#failure;
      await new Promise<void>((resolve) => {
        this.#check = () => {
          if (condition() || this.#failure !== undefined) resolve();
        };
      });
    }
  }

  #receive(batch: readonly WireMap[]): void {
    for (const message of batch) {
      const op = message.get("op");
      if (op === "key-in-memory") this.#inMemory += 1;
      else if (op === "graph-received") this.#acknowledged += 1;
      else if (op === "cancelled-keys") this.#released = true;
      else if (op !== "adjust-heartbeat-interval" && op !== "stream-start") {
        this.#failure = new Error(`the scheduler says ${String(op)}`);
      }
    }
    this.#check();
  }
}
