// What the executor room takes from the shell and gives back to it. The shell queues the events
// for its next turn; the room must not know the core's state, the network or the store.
import type { Pickled, Serialized, TaskKey } from "@acme/protocol";
import type { OrderId, Slot, WorkerEvent } from "../core/events.js";
import type { ExecLimits } from "./limits.js";

/** The events of the worker core that come from here. */
export type ExecEvent = Extract<
  WorkerEvent,
  { type: "executed" | "claimed" | "seceded" | "executor-ready" | "executor-lost" }
>;

/** A logger with pino's calls. */
export interface ExecLogger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** A thread that does not end although it was terminated: only a new process helps. */
export interface StuckExecutor {
  readonly slot: Slot;
  readonly orderId: OrderId | undefined;
  readonly message: string;
}

export interface ExecutorsOptions {
  /** One thread each. */
  readonly nthreads: number;
  /** The value of an input, as the store holds it; read while orders are applied. */
  readonly inputs: (key: TaskKey) => Serialized | Pickled | undefined;
  /** Called for each event, also from within `apply`: queue it, do not step the core in it. */
  readonly onEvent: (event: ExecEvent) => void;
  /** Becomes the heap limit of every executor; undefined: node's own. */
  readonly memoryLimitBytes?: number | undefined;
  /** What tasks see as the address of their worker. */
  readonly workerAddress?: string | undefined;
  /** GPUs that tasks may see, shared out among the slots; undefined: nothing is said about any. */
  readonly gpus?: readonly string[] | undefined;
  /** Called when an executor cannot be ended: the process should be restarted. */
  readonly onStuck?: ((stuck: StuckExecutor) => void) | undefined;
  /** Output of tasks; written to stderr of this process if omitted. */
  readonly onOutput?: ((chunk: Uint8Array, slot: Slot) => void) | undefined;
  readonly logger?: ExecLogger | undefined;
  readonly limits?: Partial<ExecLimits> | undefined;
}
