// Branded ids: strings and numbers that must not be mixed up. They cost nothing at run time.
// Task keys have a room of their own (key.ts).
import { assert } from "./assert.js";

declare const idBrand: unique symbol;
type Branded<T, Name extends string> = T & { readonly [idBrand]: Name };

/** Address of a worker, `scheme://host:port`; the canonical name of a worker everywhere. */
export type WorkerAddress = Branded<string, "WorkerAddress">;
/** Name of a client, `Client-<uuid>`. */
export type ClientId = Branded<string, "ClientId">;
/** Names the cause of a change of state, such as `compute-task-1700000000.1`. */
export type StimulusId = Branded<string, "StimulusId">;
/** Number of one attempt to run a task: `incarnation * 2^32 + counter`. */
export type RunId = Branded<number, "RunId">;

/** Brands a worker address. The form is not checked. */
export const workerAddress = (address: string): WorkerAddress => address as WorkerAddress;
/** Brands a client id. */
export const clientId = (id: string): ClientId => id as ClientId;
/** Brands a stimulus id. */
export const stimulusId = (id: string): StimulusId => id as StimulusId;

const counters = 2 ** 32;
const incarnations = 2 ** 21;

/**
 * Makes a run id. Run ids of a later incarnation of the scheduler are larger than all earlier ones.
 *
 * @param incarnation - how often the scheduler was restored, 0 to 2^21 - 1
 * @param counter - counts attempts within the incarnation, 0 to 2^32 - 1
 * @throws ProgramError if either is out of range
 * @example
 * ```ts
 * runId(1, 5) > runId(0, 4_000_000_000); // true
 * ```
 */
export function runId(incarnation: number, counter: number): RunId {
  assert(
    Number.isInteger(incarnation) && incarnation >= 0 && incarnation < incarnations,
    `incarnation out of range: ${incarnation}`,
  );
  assert(
    Number.isInteger(counter) && counter >= 0 && counter < counters,
    `run counter out of range: ${counter}`,
  );
  return (incarnation * counters + counter) as RunId;
}

/** The incarnation of the scheduler that a run id belongs to. */
export const runIncarnation = (id: RunId): number => Math.floor(id / counters);
/** The counter of a run id within its incarnation. */
export const runCounter = (id: RunId): number => id % counters;
