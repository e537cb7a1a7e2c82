// What the programs of the clients do during the chaos: submit, wait, release, cancel, retry,
// scatter. Chance decides; the catalogue keeps track of what may come of it.
import { type TaskKey, wireKey } from "@acme/protocol";
import type { Catalogue, Task } from "./catalogue.js";
import type { ClientActor } from "./client-actor.js";
import type { World } from "./world.js";

/** Makes appointments for all that the clients will do. */
export function schedulePrograms(world: World): void {
  const { random, plan, clock } = world;
  let left = plan.tasks;
  while (left > 0) {
    const size = Math.min(left, random.whole(5, 40));
    left -= size;
    clock.after(random.between(0, plan.chaosMs * 0.7), () => {
      const client = random.pick(world.liveClients);
      client.process.do(() => submitGraph(world, client, size));
    });
  }
  const [fewest, most] = plan.actions;
  const count = random.whole(fewest, most);
  for (let i = 0; i < count; i++) {
    const client = random.pick(world.clients);
    clock.after(random.between(0, plan.chaosMs), () => {
      client.process.do(() => act(world, client));
    });
  }
}

function submitGraph(world: World, client: ClientActor, size: number): void {
  const { random } = world;
  const tasks = world.workload.graph(size, usable(client));
  const needed = new Set(tasks.flatMap((task) => task.dependencies));
  const ends = tasks.filter((task) => !needed.has(task.key));
  const more = random.chance(0.5) ? random.sample(tasks, random.below(tasks.length)) : [];
  const desired = [...ends, ...more].map((task) => task.key);
  client.submit(tasks, desired);
  if (random.chance(0.5)) client.want(random.sample(desired, random.below(desired.length)));
}

/** Keys that this client holds and that can still come to something. */
function usable(client: ClientActor): TaskKey[] {
  return [...client.held.values()]
    .filter((held) => held.status !== "cancelled")
    .map((held) => held.key);
}

/** Lets go of what may be running, silently, and soon needs it again. */
function letGo(world: World, client: ClientActor): void {
  const { random, catalogue } = world;
  const pending = [...client.held.values()].filter((held) => held.status === "pending");
  const keys = random.sample(pending, random.whole(1, 6)).map((held) => held.key);
  if (keys.length === 0) return;
  client.release(keys);
  const tasks = keys.map((key) => catalogue.tasks.get(key) as Task);
  soon(world, client, () => submitClosure(catalogue, client, tasks));
}

type Action = (world: World, client: ClientActor) => void;

const actions: readonly Action[] = [
  releaseSome,
  releaseSome,
  wantSome,
  submitAgain,
  submitAgain,
  scatterSome,
  scatterSome,
  cancelSome,
  changeMind,
  changeMind,
  retrySome,
];

function act(world: World, client: ClientActor): void {
  const letsGo = world.plan.mood === "restless" && world.random.chance(0.4);
  const action = letsGo ? letGo : world.random.pick(actions);
  action(world, client);
}

function releaseSome({ random }: World, client: ClientActor): void {
  const keys = [...client.held.keys()];
  client.release(random.sample(keys, random.below(keys.length + 1)));
}

function wantSome({ random }: World, client: ClientActor): void {
  const keys = [...client.held.keys()];
  client.want(random.sample(keys, random.below(keys.length + 1)));
}

function submitAgain({ random, catalogue }: World, client: ClientActor): void {
  const known = catalogue.byNumber.filter((task) => !task.isScattered);
  submitClosure(catalogue, client, random.sample(known, random.whole(1, 5)));
}

/** Cancels what may be running and wants it again in the same moment, or a moment later. */
function changeMind(world: World, client: ClientActor): void {
  const { random, catalogue } = world;
  const pending = [...client.held.values()].filter((held) => held.status === "pending");
  const keys = random.sample(pending, random.whole(1, 6)).map((held) => held.key);
  if (keys.length === 0) return;
  client.cancel(keys, random.chance(0.5));
  const tasks = keys.map((key) => catalogue.tasks.get(key) as Task);
  const again = () => submitClosure(catalogue, client, tasks);
  if (random.chance(0.4)) again();
  else soon(world, client, again);
}

function soon(world: World, client: ClientActor, act: () => void): void {
  client.process.after(world.random.skewed(0.2, 30), () => {
    if (!world.areProgramsOver) act();
  });
}

/** Submits known tasks under their keys once more, with all that they need. */
function submitClosure(catalogue: Catalogue, client: ClientActor, chosen: readonly Task[]): void {
  const tasks = new Map<TaskKey, Task>();
  const rest = [...chosen];
  for (let task = rest.pop(); task !== undefined; task = rest.pop()) {
    if (tasks.has(task.key)) continue;
    if (task.isScattered) {
      if (!usable(client).includes(task.key)) return;
      continue;
    }
    tasks.set(task.key, task);
    for (const key of task.dependencies) rest.push(catalogue.tasks.get(key) as Task);
  }
  const desired = chosen.map((task) => task.key);
  client.submit([...tasks.values()], desired);
}

function scatterSome({ workload, random }: World, client: ClientActor): void {
  client.scatter(workload.scattered(random.whole(1, 4)), random.chance(0.3));
}

function cancelSome({ random }: World, client: ClientActor): void {
  const keys = usable(client);
  if (keys.length > 0) client.cancel(random.sample(keys, random.whole(1, 3)), random.chance(0.4));
}

// Scattered data is gone once nobody needs it, and then a retry finds nothing to start from.
function retrySome({ catalogue }: World, client: ClientActor): void {
  const keys = [...client.held.values()].filter((held) => held.status === "error");
  if (keys.length === 0) return;
  const data = catalogue.byNumber.filter((task) => task.isScattered).map((task) => task.key);
  catalogue.excuse(data, "may be gone when its dependents are tried again");
  client.ask({ op: "retry", keys: keys.map((held) => wireKey(held.key)), client: client.id });
}
