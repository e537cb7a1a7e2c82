// Has workers measure their disk, their memory and the way between them, and takes averages.
// Corresponds to benchmark_hardware of dask's Scheduler; only Python's workers know how.
import type { RpcReply } from "@acme/comm";
import type { WireValue } from "@acme/protocol";
import { broadcast, forward } from "./forward.js";
import { pythonWorkers } from "./recipients.js";
import type { ShellContext } from "./shell-context.js";

export async function benchmarkHardware(
  shell: ShellContext,
  signal: AbortSignal,
): Promise<RpcReply> {
  const { pool } = shell;
  const addresses = pythonWorkers(shell);
  const all = new Map(addresses.map((address) => [address, address]));
  const options = { pool, signal, onError: "raise" } as const;
  const disk = await broadcast({ op: "benchmark_disk" }, all, options);
  const memory = await broadcast({ op: "benchmark_memory" }, all, options);
  const pairs = pairsOf(addresses);
  const network = await Promise.all(
    pairs.map(([one, other]) =>
      forward({ op: "benchmark_network", address: other }, one, { pool, signal }),
    ),
  );
  return {
    disk: averages([...disk.values()]),
    memory: averages([...memory.values()]),
    network: averages(network),
  };
}

/** Neighbours in the list are often on one machine, so it is shuffled first. */
function pairsOf(addresses: readonly string[]): [string, string][] {
  const left = [...addresses];
  const pairs: [string, string][] = [];
  while (left.length >= 2) {
    const [one] = left.splice(Math.floor(Math.random() * left.length), 1);
    const [other] = left.splice(Math.floor(Math.random() * left.length), 1);
    pairs.push([one as string, other as string]);
  }
  return pairs;
}

/** {size: mean} of many {size: value}. */
function averages(measured: readonly WireValue[]): Map<string, number> {
  const values = new Map<string, number[]>();
  for (const one of measured) {
    if (!(one instanceof Map)) continue;
    for (const [size, value] of one as Map<unknown, unknown>) {
      const same = values.get(String(size));
      if (same === undefined) values.set(String(size), [Number(value)]);
      else same.push(Number(value));
    }
  }
  return new Map(
    [...values].map(([size, all]) => [size, all.reduce((sum, one) => sum + one, 0) / all.length]),
  );
}
