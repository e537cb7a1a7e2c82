// The frame of a client program: connects, says so, works when told to, and prints what it found.
// Which work that is stands in the program.
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { Client, type Security } from "@acme/client";

export interface Parameters {
  readonly address: string;
  readonly workers: number;
  readonly scheme: "tcp" | "tls";
  readonly tls: { readonly ca: string; readonly cert: string; readonly key: string };
}

export type Figures = Readonly<Record<string, number>>;

/** Runs one piece of work against the cluster that the command line names. */
export async function serve<P extends object>(
  work: (client: Client, parameters: P & Parameters) => Promise<Figures>,
): Promise<void> {
  const parameters = parametersOf<P>();
  const { address, workers } = parameters;
  const client = await Client.connect(address, { security: securityOf(parameters) });
  await client.waitForWorkers(workers);
  await answer(() => work(client, parameters));
  await client.close();
}

/** Says that all is ready, works when told to, and says what came of it. */
export async function answer(work: () => Promise<Figures>): Promise<void> {
  const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
  process.stdout.write("ready\n");
  await lines.next();
  process.stdout.write(`done ${JSON.stringify(await work())}\n`);
  // Whoever measures ends this process, once it has read what was used.
  await lines.next();
}

export function parametersOf<P extends object>(): P & Parameters {
  return JSON.parse(process.argv[2] as string);
}

export function securityOf({ scheme, tls }: Parameters): Security | undefined {
  if (scheme === "tcp") return undefined;
  const read = (path: string) => readFileSync(path, "utf8");
  return { ca: read(tls.ca), cert: read(tls.cert), key: read(tls.key) };
}

/** Seconds since a moment given by `performance.now()`. */
export const secondsSince = (startMs: number): number => (performance.now() - startMs) / 1000;

/** @throws Error if a result is not what it must be */
export function check(holds: boolean, otherwise: string): void {
  if (!holds) throw new Error(`wrong result: ${otherwise}`);
}

/** Median, 95th and 99th percentile of milliseconds. */
export function percentiles(milliseconds: readonly number[]): Figures {
  const sorted = [...milliseconds].sort((a, b) => a - b);
  const at = (share: number) =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!;
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99) };
}
