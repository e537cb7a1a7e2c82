// The faults, each a function that breaks one thing and says whether there was something to break.
// To add one: write it, put it in the table, and if it may cost somebody a result that nobody can
// compute again, excuse those keys in the catalogue.
import type { ClientActor } from "./client-actor.js";
import { ghostRegistration } from "./ghost.js";
import type { Connection } from "./network.js";
import type { Site } from "./site.js";
import type { WorkerActor } from "./worker-actor.js";
import type { World } from "./world.js";

/** Breaks something; false: there was nothing to break. */
type Fault = (world: World) => boolean;

export const faults: readonly (readonly [name: string, fault: Fault])[] = [
  ["kill-worker", killWorker],
  ["kill-worker", killWorker],
  ["freeze-worker", freezeWorker],
  ["freeze-worker-beyond-ttl", freezeWorkerLong],
  ["freeze-scheduler", freezeScheduler],
  ["cut-worker-link", cutWorkerLink],
  ["cut-worker-link", cutWorkerLink],
  ["cut-client-link", cutClientLink],
  ["wall-worker-scheduler", wallWorkerScheduler],
  ["wall-worker-worker", wallWorkers],
  ["wall-client", wallClient],
  ["kill-client", killClient],
  ["lose-calls", loseCalls],
  ["repeat-calls", repeatCalls],
  ["full-disk", fillDisk],
  ["memory-pressure", pressMemory],
  ["retire-worker", retireWorker],
  ["leave", leave],
  ["restart-workers", restartWorkers],
  ["restart-scheduler", restartScheduler],
  ["restart-cluster", restartCluster],
  ["ghost-registration", ghost],
  ["slow-client", slowClients],
  ["copy-to-worker", copyToWorker],
];

/** What strikes a restless run instead. */
export const restlessFaults: typeof faults = [
  ["kill-worker", killWorker],
  ["cut-worker-link", cutWorkerLink],
  ["lose-calls", loseCalls],
  ["copy-to-worker", copyToWorker],
  ["copy-and-lose", copyAndLose],
  ["copy-and-lose", copyAndLose],
  ["copy-and-lose", copyAndLose],
];

function aWorker({ sites, random }: World): { site: Site; worker: WorkerActor } | null {
  const alive = sites.filter((site) => site.worker?.process.isAlive);
  if (alive.length === 0) return null;
  const site = random.pick(alive);
  return { site, worker: site.worker as WorkerActor };
}

function aClient({ liveClients, random }: World): ClientActor | null {
  return liveClients.length === 0 ? null : random.pick(liveClients);
}

function killWorker(world: World): boolean {
  const found = aWorker(world);
  found?.worker.die();
  return found !== null;
}

function freezeWorker(world: World): boolean {
  const found = aWorker(world);
  found?.worker.process.freeze(world.random.skewed(20, 3_000));
  return found !== null;
}

function freezeWorkerLong(world: World): boolean {
  if (world.random.chance(0.6)) return false;
  const found = aWorker(world);
  found?.worker.process.freeze(world.random.between(6_000, 10_000));
  return found !== null;
}

function freezeScheduler({ scheduler, random }: World): boolean {
  scheduler.process.freeze(random.skewed(5, 800));
  return true;
}

function cut(world: World, mine: (connection: Connection) => boolean): boolean {
  const open = [...world.network.connections].filter(mine);
  if (open.length === 0) return false;
  const { random, network } = world;
  const connection = random.pick(open);
  const soon = () => random.between(0, 30);
  const late = () => network.lateNoticeMs();
  const [first, second] = random.pick([
    [soon(), late()],
    [late(), soon()],
    [soon(), soon()],
  ]) as [number, number];
  connection.cut(first, second);
  return true;
}

const isOf =
  (processes: ReadonlySet<unknown>) =>
  ({ sockets: [one, other] }: Connection): boolean =>
    one.isOpen && other.isOpen && (processes.has(one.process) || processes.has(other.process));

function cutWorkerLink(world: World): boolean {
  return cut(world, isOf(new Set(world.sites.map((site) => site.worker?.process))));
}

function cutClientLink(world: World): boolean {
  return cut(world, isOf(new Set(world.clients.map((client) => client.process))));
}

function wallWorkerScheduler(world: World): boolean {
  const found = aWorker(world);
  if (found === null) return false;
  const forMs = world.random.skewed(50, 9_000);
  world.network.wall(found.worker.process, world.scheduler.process, forMs);
  return true;
}

function wallWorkers(world: World): boolean {
  const one = aWorker(world);
  const other = aWorker(world);
  if (one === null || other === null || one.worker === other.worker) return false;
  world.network.wall(one.worker.process, other.worker.process, world.random.skewed(50, 6_000));
  return true;
}

function wallClient(world: World): boolean {
  const client = aClient(world);
  if (client === null) return false;
  const forMs = world.random.skewed(50, 6_000);
  world.network.wall(client.process, world.scheduler.process, forMs);
  return true;
}

function killClient(world: World): boolean {
  if (world.liveClients.length < 2 || world.random.chance(0.5)) return false;
  aClient(world)?.die();
  return true;
}

function loseCalls({ network, random, clock }: World): boolean {
  network.weather.lostCalls = random.between(0.05, 0.5);
  clock.after(random.between(100, 1_500), () => {
    network.weather.lostCalls = 0;
  });
  return true;
}

function repeatCalls({ network, random, clock }: World): boolean {
  network.weather.repeatedCalls = random.between(0.1, 0.6);
  clock.after(random.between(100, 1_500), () => {
    network.weather.repeatedCalls = 0;
  });
  return true;
}

function limited({ sites, random }: World): Site | null {
  const some = sites.filter((site) => site.plan.memoryLimitBytes !== null);
  return some.length === 0 ? null : random.pick(some);
}

function fillDisk(world: World): boolean {
  const site = limited(world);
  if (site === null) return false;
  site.conditions.diskFull = true;
  world.clock.after(world.random.between(100, 3_000), () => {
    site.conditions.diskFull = false;
  });
  return true;
}

function pressMemory(world: World): boolean {
  const site = limited(world);
  if (site === null) return false;
  const limit = site.plan.memoryLimitBytes as number;
  site.conditions.foreignBytes = limit * world.random.between(0.4, 1.1);
  world.clock.after(world.random.between(200, 3_000), () => {
    site.conditions.foreignBytes = 0;
  });
  return true;
}

function retireWorker(world: World): boolean {
  const found = aWorker(world);
  const client = aClient(world);
  if (found === null || client === null) return false;
  const { address } = found.worker.setup;
  const close_workers = world.random.chance(0.7);
  const request = {
    op: "retire_workers",
    workers: [address],
    close_workers,
    remove: close_workers,
  };
  client.process.do(() => client.ask(request));
  return true;
}

function leave(world: World): boolean {
  const found = aWorker(world);
  found?.site.terminate(world.random.skewed(50, 3_000));
  return found !== null;
}

function restartWorkers(world: World): boolean {
  const found = aWorker(world);
  const client = aClient(world);
  if (found === null || client === null) return false;
  const { address } = found.worker.setup;
  client.process.do(() => client.ask({ op: "restart_workers", workers: [address], timeout: 5 }));
  return true;
}

function restartScheduler({ scheduler, random }: World): boolean {
  if (random.chance(0.5)) return false;
  scheduler.restart(random.skewed(10, 1_500));
  return true;
}

function restartCluster(world: World): boolean {
  const client = aClient(world);
  if (client === null || world.random.chance(0.7)) return false;
  world.catalogue.excuse(world.catalogue.tasks.keys(), "the cluster was restarted");
  world.catalogue.isRestartAsked = true;
  client.process.do(() => client.ask({ op: "restart", client: client.id, timeout: 5 }));
  return true;
}

function ghost(world: World): boolean {
  const found = aWorker(world);
  if (found === null || !found.worker.isRegistered) return false;
  ghostRegistration(world, found.worker);
  return true;
}

function slowClients({ scheduler, random, clock }: World): boolean {
  scheduler.reportBacklog(64 * 2 ** 20);
  clock.after(random.between(50, 1_000), () => scheduler.reportBacklog(0));
  return true;
}

/** The rpc `gather`: somebody tells a worker to fetch what others hold. */
function copyToWorker(world: World): boolean {
  const from = aWorker(world);
  const to = aWorker(world);
  const client = aClient(world);
  if (from === null || to === null || client === null || from.worker === to.worker) return false;
  const keys = world.random.sample(from.worker.store.keys, 3);
  if (keys.length === 0) return false;
  client.process.do(() =>
    client.askToCopy(to.worker.setup.address, keys, from.worker.setup.address),
  );
  return true;
}

/**
 * A worker is asked to fetch what it is still computing although nobody wants it from there, and
 * the one that has it dies: it may be told to compute it after all.
 */
function copyAndLose(world: World): boolean {
  const client = aClient(world);
  const alive = world.sites.flatMap(({ worker }) => (worker?.process.isAlive ? [worker] : []));
  if (client === null) return false;
  for (const to of world.random.sample(alive, alive.length)) {
    for (const key of to.unwantedRuns) {
      const from = alive.find((one) => one !== to && one.store.keys.includes(key));
      if (from === undefined) continue;
      client.process.do(() => client.askToCopy(to.setup.address, [key], from.setup.address));
      from.process.after(world.random.skewed(0.5, 10), () => from.die());
      return true;
    }
  }
  return false;
}
