// Asks the batch system for the states of our jobs, in the way that it understands: when the first
// one is refused, or its answer makes no sense, by the second one from then on.
import type { BatchDriver, JobRef, JobStatus } from "../drivers/driver.js";
import { BatchOutputError, CommandError } from "../errors.js";
import type { Commands } from "./commands.js";

export class QueuePoll {
  readonly #driver: BatchDriver;
  readonly #commands: Commands;
  #usesFallback = false;

  constructor(driver: BatchDriver, commands: Commands) {
    this.#driver = driver;
    this.#commands = commands;
  }

  /** @throws CommandError, BatchOutputError */
  async ask(refs: readonly JobRef[]): Promise<JobStatus[]> {
    if (!this.#usesFallback) {
      try {
        return this.#driver.parsePoll(await this.#commands.run(this.#driver.poll(refs)));
      } catch (error) {
        if (!isRefusal(error) || this.#driver.pollFallback(refs) === null) throw error;
      }
    }
    const command = this.#driver.pollFallback(refs);
    if (command === null) return [];
    const statuses = this.#driver.parsePollFallback(await this.#commands.run(command));
    this.#usesFallback = true;
    return statuses;
  }
}

const isRefusal = (error: unknown): boolean =>
  error instanceof BatchOutputError || (error instanceof CommandError && !error.transient);
