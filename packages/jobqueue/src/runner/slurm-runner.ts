// One program that `srun -n N` starts N times: the first process becomes the scheduler, the second
// runs the user's part, the others become workers. Who does what is read in world.ts.
import { resolve } from "node:path";
import { Client, setCurrentClient } from "@acme/client";
import { accessByFile, type Contact } from "@acme/credentials";
import { isAcmeError } from "@acme/protocol";
import { type RunnerOptions, runnerDefaults } from "./runner-options.js";
import { awaitScheduler } from "./scheduler-file.js";
import { fillIn, identityOf, type RunnerWorld, readWorld } from "./world.js";
import { sayWord } from "./world-watch.js";

/** The part of a program that runs once, in the client's process. */
export type RunnerMain<T> = (client: Client, world: RunnerWorld) => T | Promise<T>;

/** A cluster made of the processes of one `srun`. */
export class SLURMRunner {
  private constructor() {}

  /**
   * Makes a cluster of all processes that run this program. Only the client's process comes back from
   * here, with what `main` returned; the others end when it has ended, and never go on. The client is
   * the current one, so that maps use it.
   *
   * @param options - where the processes meet, how large workers are
   * @param main - what to do on the cluster, in the process of rank 1
   * @throws NotUnderSrunError; WorldTooSmallError with fewer than three processes;
   *   RunnerTimeoutError if no scheduler was found; what `main` throws, after which `srun` fails
   * @example
   * ```ts
   * // srun -n 6 node program.mjs
   * const values = await SLURMRunner.run({}, async (client) => {
   *   const map = new ParallelMap((x: number) => x ** 2, [1, 2, 3, 4]);
   *   return map.compute({ output: "memory" });
   * });
   * console.log(values); // printed once
   * ```
   */
  static run<T>(
    options: RunnerOptions & { readonly client?: true | undefined },
    main: RunnerMain<T>,
  ): Promise<T>;
  /**
   * With `client: false` nobody computes here: rank 0 is the scheduler, all others are workers, and
   * programs elsewhere connect by `Client.connect({ schedulerFile })`. It ends with the job.
   */
  static run(options: RunnerOptions & { readonly client: false }): Promise<never>;
  static async run<T>(
    options: RunnerOptions & { readonly client?: boolean | undefined },
    main?: RunnerMain<T>,
  ): Promise<T> {
    const hasClient = options.client !== false;
    const world = readWorld(process.env, hasClient);
    const { schedulerFile = runnerDefaults.schedulerFile } = options;
    const path = resolve(fillIn(schedulerFile, world));
    const run = new Run(world, options, path);
    if (world.role === "client") return run.client(main as RunnerMain<T>);
    process.exit(await run.other(hasClient));
  }
}

class Run {
  readonly #world: RunnerWorld;
  readonly #options: RunnerOptions;
  readonly #path: string;

  constructor(world: RunnerWorld, options: RunnerOptions, path: string) {
    this.#world = world;
    this.#options = options;
    this.#path = path;
  }

  async client<T>(main: RunnerMain<T>): Promise<T> {
    await this.#meet();
    const { address, security } = accessByFile(this.#path);
    const client = await Client.connect(address, { security });
    try {
      await sayWord("begun", address, security);
      setCurrentClient(client);
      return await main(client, this.#world);
    } finally {
      // Before the client is gone, which would be taken for its end. A scheduler that is gone
      // already needs no telling.
      await sayWord("over", address, security).catch(() => {});
      await client.close();
    }
  }

  /** @returns the exit code of a process that never goes on */
  async other(hasClient: boolean): Promise<number> {
    const leave = new AbortController();
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => leave.abort());
    try {
      if (this.#world.role === "worker") {
        const { beWorker } = await import("./worker-role.js");
        return await beWorker(await this.#meet(), this.#world, this.#options);
      }
      const { beScheduler } = await import("./scheduler-role.js");
      const { signal } = leave;
      const fixed = { world: this.#world, options: this.#options, path: this.#path };
      return await beScheduler({ ...fixed, hasClient, signal, say: (text) => this.#say(text) });
    } catch (error) {
      if (!isAcmeError(error)) throw error;
      this.#say(error.message);
      return 1;
    }
  }

  #meet(): Promise<Contact> {
    const { timeoutMs = runnerDefaults.timeoutMs } = this.#options;
    return awaitScheduler({ path: this.#path, run: identityOf(this.#world), timeoutMs });
  }

  #say(text: string): void {
    process.stderr.write(`SLURMRunner: ${this.#world.role} ${this.#world.rank}: ${text}\n`);
  }
}
