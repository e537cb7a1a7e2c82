// `compute` as a function: values of delayed calls, with the current client if none is given.
// It must not know how graphs are packed.
import type { Client } from "./client.js";
import { currentClient } from "./current-client.js";
import { NoClusterError } from "./errors.js";
import { Delayed } from "./graph/delayed.js";

export interface ComputeCallsOptions {
  /** Default: the current client. */
  readonly client?: Client | undefined;
}

type Values<D extends readonly Delayed[]> = {
  -readonly [K in keyof D]: D[K] extends Delayed<infer T> ? T : never;
};

/**
 * Computes delayed calls together, so that what they share runs once, and gives their values.
 *
 * @param callsAndOptions - delayed calls; the last argument may be `{ client }`
 * @throws NoClusterError without a client; what a function threw
 * @example
 * ```ts
 * const square = delayed((x: number) => x * x);
 * const [a, b] = await compute(square(2), square(3), { client }); // 4, 9
 * ```
 */
export function compute<D extends readonly Delayed[]>(
  ...callsAndOptions: [...calls: D, options: ComputeCallsOptions]
): Promise<Values<D>>;
export function compute<D extends readonly Delayed[]>(...calls: D): Promise<Values<D>>;
export async function compute(
  ...callsAndOptions: readonly (Delayed | ComputeCallsOptions)[]
): Promise<unknown> {
  const calls = callsAndOptions.filter((each): each is Delayed => each instanceof Delayed);
  const last = callsAndOptions.at(-1);
  const given = last instanceof Delayed ? undefined : last?.client;
  const client = given ?? currentClient();
  if (client === undefined) {
    throw new NoClusterError("compute() has no client: give { client }, or set one up first");
  }
  const futures = client.compute(calls);
  try {
    return await client.gather(futures);
  } finally {
    for (const future of futures) future.release();
  }
}
