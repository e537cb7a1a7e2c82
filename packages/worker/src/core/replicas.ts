// Copies that the scheduler wants here or no longer here, and its answers about who has what.
// How values are fetched is left to the fetching rooms. Corresponds to acquire-replicas,
// remove-replicas and refresh-who-has of dask's worker_state_machine.py.
import type { WireKey, WorkerAddress } from "@acme/protocol";
import { dropUnwanted, isNeededAsInput, wantInput } from "./computation.js";
import { dropValue } from "./compute-task.js";
import { type Core, findTask, obtainTask, send } from "./context.js";
import { addHolders, replaceHolders } from "./holders.js";

type WhoHas = ReadonlyMap<WireKey, readonly string[]>;

/** Behind everything that a task here waits for. */
const replicaPriority: readonly number[] = [Number.MAX_SAFE_INTEGER];

export function acquireReplicas(
  core: Core,
  whoHas: WhoHas,
  nbytes: ReadonlyMap<WireKey, number>,
): void {
  const sizes = new Map<string, number>();
  for (const [wire, bytes] of nbytes) sizes.set(obtainTask(core, wire).key, bytes);
  for (const [wire, holders] of whoHas) {
    const task = obtainTask(core, wire);
    if (task.state === "memory") continue;
    task.replica = true;
    task.nbytes = sizes.get(task.key) ?? task.nbytes;
    if (task.sequence === 0) {
      task.priority = replicaPriority;
      task.sequence = core.state.nextSequence++;
    }
    addHolders(core, task, holders as readonly WorkerAddress[]);
    wantInput(core, task);
  }
  for (const [wire] of nbytes) {
    const task = findTask(core, wire);
    if (task?.state === "released") wantInput(core, task);
  }
}

/** A replica that a task here still needs is kept, and the scheduler is told that it is here. */
export function removeReplicas(core: Core, keys: readonly WireKey[]): void {
  const kept: WireKey[] = [];
  for (const wire of keys) {
    const task = findTask(core, wire);
    if (task === undefined) continue;
    task.replica = false;
    if (task.state !== "memory") dropUnwanted(core, task);
    else if (isNeededAsInput(task)) kept.push(wire);
    else dropValue(core, task);
  }
  if (kept.length > 0) {
    send(core, { op: "add-keys", keys: kept, stimulus_id: core.stimulusId });
  }
}

export function refreshWhoHas(core: Core, whoHas: WhoHas): void {
  for (const [wire, holders] of whoHas) {
    const task = findTask(core, wire);
    if (task === undefined || task.state === "memory") continue;
    replaceHolders(core, task, holders as readonly WorkerAddress[]);
  }
}
