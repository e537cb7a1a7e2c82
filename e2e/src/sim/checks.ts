// What must hold when the chaos is over: every future has its answer, and once nobody wants
// anything, nothing is left anywhere.
import type { World } from "./world.js";

/** Futures that are still without their answer, in words. */
export function openFutures({ liveClients, pythonClients, catalogue }: World): string[] {
  const open: string[] = [];
  for (const { id, held } of pythonClients) {
    for (const [key, status] of held) {
      if (status === "pending") open.push(`${id} waits for ${key}`);
    }
  }
  for (const client of liveClients) {
    for (const { key, status, hasValue } of client.held.values()) {
      if (status === "error" || status === "cancelled" || hasValue) continue;
      const number = catalogue.tasks.get(key)?.number;
      open.push(`${client.process.name} waits for ${key} (${number}): ${status}`);
    }
  }
  return open;
}

/** What is left where nothing should be, in words. */
export function leftovers(world: World): string[] {
  const found: string[] = [];
  const count = (place: string, sizes: Readonly<Record<string, number>>) => {
    for (const [what, size] of Object.entries(sizes)) {
      if (size > 0) found.push(`${place} has ${what}: ${size}`);
    }
  };
  count("the scheduler", schedulerLeftovers(world));
  for (const worker of world.scheduler.state.workers.values()) {
    count(`the scheduler's ${worker.address}`, {
      processing: worker.processing.size,
      hasWhat: worker.hasWhat.size,
      heldBytes: worker.heldBytes,
      occupancyUs: worker.occupancyUs,
      loadUs: worker.loadUs,
      longRunning: worker.longRunning,
      stealsComing: worker.stealsComing,
      reserved: worker.reservedFor === null ? 0 : 1,
    });
  }
  for (const { worker, plan } of world.sites) {
    if (worker !== null) count(plan.name, workerLeftovers(worker));
  }
  for (const client of world.liveClients) {
    const { futures, unacknowledged, gathers, gatherAtMs, owedCancels } = client.state;
    count(client.process.name, {
      futures: futures.size,
      unacknowledged: unacknowledged.size,
      gathers: gathers.size,
      gatherAtMs: gatherAtMs.size,
      owedCancels: owedCancels.length,
    });
  }
  return found;
}

function schedulerLeftovers({ scheduler }: World): Record<string, number> {
  const { state } = scheduler;
  return {
    tasks: state.tasks.size,
    templates: state.templates.size,
    constraints: state.constraints.size,
    groups: state.groups.size,
    parked: state.parked.size,
    errands: state.errands.open.size,
    waiting: state.extensions.waiting.size,
    variables: state.extensions.variables.size,
    queues: state.extensions.queues.size,
    backlog: state.backlog.size,
    calls: state.calls.size,
    transfers: state.transfers.size,
    queued: state.queued.size,
    ready: state.ready.length,
    lonely: state.lonely.size,
    delayed: state.delayed.size,
    retiring: state.retiring.size,
    crowded: state.crowded.size,
  };
}

type Worker = NonNullable<World["sites"][number]["worker"]>;

function workerLeftovers({ state, store, executors }: Worker): Record<string, number> {
  return {
    tasks: state.tasks.size,
    orders: state.orders.size,
    ready: state.ready.size,
    constrained: state.constrained.size,
    loading: state.loading.size,
    erred: state.erred.size,
    fetchable: state.fetchable.size,
    fetches: state.fetches.size,
    incomingBytes: state.incomingBytes,
    missing: state.missing.size,
    servings: state.servings.size,
    askings: state.askings.size,
    memoryBytes: state.memoryBytes,
    diskBytes: state.diskBytes,
    spilling: state.spilling,
    values: store.keys.length,
    runs: executors.count,
  };
}
