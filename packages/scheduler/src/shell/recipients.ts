// Who is asked when all workers are: a request that only Python understands goes to Python's alone,
// unless somebody names a worker. Reads the state, changes nothing.
import { workerRequest } from "@acme/protocol";
import { view } from "../core/index.js";
import type { ShellContext } from "./shell-context.js";

export interface Wanted {
  /** Addresses or names; absent, with no hosts: all. */
  workers?: readonly string[] | undefined;
  hosts?: readonly string[] | undefined;
  /** Their nannies instead; a worker without one has nobody who could answer for it. */
  nanny?: boolean | undefined;
}

const ourOps: ReadonlySet<string> = new Set(workerRequest.ops);

/** {worker: address to ask} */
export function workersThatAnswer(
  { state }: Pick<ShellContext, "state">,
  op: string,
  { workers, hosts, nanny = false }: Wanted,
): Map<string, string> {
  const areNamed = workers !== undefined || hosts !== undefined;
  const chosen = areNamed
    ? view.named(state, [...(workers ?? []), ...(hosts ?? [])])
    : [...state.workers.values()].filter(({ acme }) => acme === 0 || ourOps.has(op));
  return new Map(
    chosen.flatMap(({ address, nanny: itsNanny }): [string, string][] => {
      if (!nanny) return [[address, address]];
      return itsNanny === null ? [] : [[address, itsNanny]];
    }),
  );
}

/** Addresses of the workers that run Python. */
export function pythonWorkers({ state }: Pick<ShellContext, "state">): string[] {
  return [...state.workers.values()].flatMap((one) => (one.acme === 0 ? [one.address] : []));
}
