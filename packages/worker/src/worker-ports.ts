// Which worker and which nanny may take which ports: dask's --worker-port and --nanny-port with
// ranges, dealt out in turn so that no two ever want the same one.
import { AcmeError } from "@acme/protocol";

/** The flags give no ports, or not enough. */
class PortsError extends AcmeError {
  readonly code = "PORTS";
}

export interface Ports {
  readonly worker: readonly number[];
  readonly nanny: readonly number[];
}

export interface PortFlags {
  readonly workerPort: string | undefined;
  readonly nannyPort: string | undefined;
  readonly nworkers: number;
}

/**
 * @returns the ports of each worker, in the order of trying
 * @throws PortsError naming the flag
 */
export function dealPorts({ workerPort, nannyPort, nworkers }: PortFlags): Ports[] {
  const taken = new Set<number>();
  const worker = deal("--worker-port", workerPort, nworkers, taken);
  const nanny = deal("--nanny-port", nannyPort, nworkers, taken);
  return Array.from({ length: nworkers }, (_, i) => ({
    worker: worker[i] as number[],
    nanny: nanny[i] as number[],
  }));
}

function deal(
  flag: string,
  text: string | undefined,
  nworkers: number,
  taken: Set<number>,
): number[][] {
  const range = portsOf(flag, text ?? "0");
  if (range.length === 1 && range[0] === 0) return Array.from({ length: nworkers }, () => [0]);
  const free = range.filter((port) => !taken.has(port));
  for (const port of free) taken.add(port);
  if (free.length < nworkers) {
    throw new PortsError(
      `${flag} ${text} leaves ${free.length} ports for ${nworkers} workers: give a range such as ` +
        "3000:3026",
    );
  }
  const hands: number[][] = Array.from({ length: nworkers }, () => []);
  for (const [index, port] of free.entries()) hands[index % nworkers]?.push(port);
  return hands;
}

function portsOf(flag: string, text: string): number[] {
  const parts = /^(\d{1,5})(?::(\d{1,5}))?$/.exec(text);
  const first = Number(parts?.[1]);
  const last = Number(parts?.[2] ?? first);
  if (parts === null || last > 65_535 || last < first) {
    throw new PortsError(
      `${flag}: ${JSON.stringify(text)} is no port and no range of ports such as 3000:3026`,
    );
  }
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}
