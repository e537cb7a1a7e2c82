// Gives values to workers without the scheduler between, having told it who will have them. Workers
// take turns; a value that none of them took is left to the scheduler.
import { type Serialized, type TaskKey, wireKey } from "@acme/protocol";
import type { CallOptions, Session } from "./session.js";
import type { WorkerPeers } from "./worker-peers.js";

export interface Placement extends CallOptions {
  readonly workers?: readonly string[] | undefined;
  readonly broadcast?: boolean | number | undefined;
}

/** The worker that is next; clients begin anywhere, so that not all begin with the same one. */
let turn = Math.floor(Math.random() * 2 ** 16);

/**
 * @returns the values that no worker took
 * @throws AcmeError if the scheduler cannot be asked
 */
export async function scatterDirect(
  session: Session,
  values: ReadonlyMap<TaskKey, Serialized>,
  peers: WorkerPeers,
  { workers, broadcast = false, ...options }: Placement,
): Promise<Map<TaskKey, Serialized>> {
  const request = { op: "ncores_running", workers, lang: "js" };
  const running = (await session.call(request, options)) as ReadonlyMap<string, number>;
  const near = [...running.keys()].filter((address) => peers.isReachable(address));
  if (near.length === 0) return new Map(values);
  const wanted = broadcast === true ? near.length : Math.max(1, Number(broadcast));
  const copies = Math.min(near.length, wanted);
  const parcels = new Map<string, Map<TaskKey, Serialized>>();
  const holders = new Map<TaskKey, string[]>();
  for (const [key, value] of values) {
    const chosen = Array.from({ length: copies }, (_, copy) => {
      return near[(turn + copy) % near.length] as string;
    });
    turn += copies;
    holders.set(key, chosen);
    for (const address of chosen) {
      const parcel = parcels.get(address);
      if (parcel === undefined) parcels.set(address, new Map([[key, value]]));
      else parcel.set(key, value);
    }
  }
  // Before they are given: a worker tells of what it was given, and the scheduler has what it does
  // not know of removed. It also lets go of them should this client vanish half way.
  await announce(session, values, holders, options);
  const given = await deliver(parcels, peers);
  return new Map([...values].filter(([key]) => !given.has(key)));
}

async function announce(
  session: Session,
  values: ReadonlyMap<TaskKey, Serialized>,
  holders: ReadonlyMap<TaskKey, string[]>,
  options: CallOptions,
): Promise<void> {
  const entries = [...holders];
  await session.call(
    {
      op: "update_data",
      who_has: new Map(entries.map(([key, addresses]) => [wireKey(key), addresses])),
      nbytes: new Map(entries.map(([key]) => [wireKey(key), values.get(key)?.nbytes ?? -1])),
      client: session.id,
    },
    options,
  );
}

/** @returns the keys that some worker took */
async function deliver(
  parcels: ReadonlyMap<string, ReadonlyMap<TaskKey, Serialized>>,
  peers: WorkerPeers,
): Promise<Set<TaskKey>> {
  const given = new Set<TaskKey>();
  const work = [...parcels].map(async ([address, parcel]) => {
    if (!(await peers.give(address, parcel))) return;
    for (const key of parcel.keys()) given.add(key);
  });
  await Promise.all(work);
  return given;
}
