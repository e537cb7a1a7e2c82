// Puts values of our own kind into Python's form for peers that are Python's, in a thread of its own:
// the control thread opens no value. Large buffers are shared with that thread, never copied.
import { Worker } from "node:worker_threads";
import { AcmeError, Serialized, type TaskKey } from "@acme/protocol";
import type { StoredValue } from "../store/spill-files.js";
import { shareFrame } from "./batch.js";
import { entryFiles, threadExecArgv } from "./entry-files.js";
import type { ExecLogger } from "./types.js";
import { payloadOf, type ValueForm } from "./value-form.js";

/** One value on its way there. */
export interface Untranslated {
  readonly key: string;
  readonly frames: readonly Uint8Array[];
}

/** One value on its way back; without `value` it has no form in Python. */
export type Translated =
  | { readonly form: ValueForm; readonly frames: readonly Uint8Array[] }
  | { readonly problem: string };

export interface TranslationRequest {
  readonly id: number;
  readonly values: readonly Untranslated[];
}

export interface TranslationReply {
  readonly id: number;
  readonly values: readonly Translated[];
}

interface Waiting {
  readonly count: number;
  resolve(values: readonly Translated[]): void;
}

/** The thread ended; the next request starts another. */
class TranslatorError extends AcmeError {
  readonly code = "TRANSLATOR_ENDED";
}

const bytesPerMb = 2 ** 20;
/** Frames from this size on are shared; smaller ones are copied on the way. */
const sharedBytes = 64 * 2 ** 10;

export class Translator {
  readonly #logger: ExecLogger | undefined;
  readonly #memoryLimitBytes: number | undefined;
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | undefined;
  #lastId = 0;

  constructor(options: {
    readonly memoryLimitBytes?: number | undefined;
    readonly logger?: ExecLogger | undefined;
  }) {
    this.#memoryLimitBytes = options.memoryLimitBytes;
    this.#logger = options.logger;
  }

  /**
   * The same values as any Python peer reads them. One that has no form in Python becomes what makes
   * dask raise a TypeError that says why.
   */
  async forPython(
    values: ReadonlyMap<TaskKey, StoredValue>,
  ): Promise<ReadonlyMap<TaskKey, StoredValue>> {
    const ours = [...values].filter(([, value]) => value instanceof Serialized && value.isAcme);
    if (ours.length === 0) return values;
    const replies = await this.#ask(
      ours.map(([key, { frames }]) => ({
        key,
        frames: frames.map((frame) => (frame.byteLength < sharedBytes ? frame : shareFrame(frame))),
      })),
    );
    const all = new Map(values);
    for (const [index, [key]] of ours.entries()) {
      all.set(key, payloadFor(replies[index] as Translated));
    }
    return all;
  }

  async close(): Promise<void> {
    await this.#worker?.terminate();
  }

  #ask(values: readonly Untranslated[]): Promise<readonly Translated[]> {
    this.#worker ??= this.#start();
    this.#lastId += 1;
    const id = this.#lastId;
    const request: TranslationRequest = { id, values };
    const answer = new Promise<readonly Translated[]>((resolve) => {
      this.#waiting.set(id, { count: values.length, resolve });
    });
    this.#worker.postMessage(request);
    return answer;
  }

  #start(): Worker {
    const heapBytes = this.#memoryLimitBytes;
    const mb = heapBytes === undefined ? 0 : Math.max(16, Math.floor(heapBytes / bytesPerMb));
    const execArgv = threadExecArgv();
    const worker = new Worker(entryFiles.translator, {
      ...(execArgv === undefined ? {} : { execArgv }),
      name: "translator",
      resourceLimits: mb === 0 ? {} : { maxOldGenerationSizeMb: mb },
    });
    worker.on("message", ({ id, values }: TranslationReply) => {
      this.#waiting.get(id)?.resolve(values);
      this.#waiting.delete(id);
    });
    worker.on("error", (error) => this.#failed(worker, error));
    worker.on("exit", () => this.#failed(worker, new TranslatorError("its thread has ended")));
    worker.unref();
    return worker;
  }

  #failed(worker: Worker, error: Error): void {
    if (this.#worker !== worker) return;
    this.#worker = undefined;
    const problem = `it could not be put into Python's form: ${error.message}`;
    if (this.#waiting.size > 0) this.#logger?.error({ err: error }, "The translator failed");
    for (const { count, resolve } of this.#waiting.values()) {
      resolve(new Array<Translated>(count).fill({ problem }));
    }
    this.#waiting.clear();
  }
}

function payloadFor(reply: Translated): StoredValue {
  if ("frames" in reply) return payloadOf(reply);
  return new Serialized({ serializer: "error" }, [new TextEncoder().encode(reply.problem)]);
}
