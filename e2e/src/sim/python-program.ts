// What the program of the simulated Python client does during the chaos: graphs that have to be
// unfolded, and variables, queues, events, semaphores and locks under a few names that all use.
// Everything it asks has a time limit, so that everything is answered.
import { type WireMap, wireKey } from "@acme/protocol";
import type { PythonClient } from "./python-client.js";
import type { World } from "./world.js";

const names = ["a", "b"];
const timeout = 2;

export function schedulePythonProgram(world: World): void {
  const { clock, plan, pythonRandom: random } = world;
  for (const client of world.pythonClients) {
    for (let i = random.whole(2, 5); i > 0; i--) {
      clock.after(random.between(0, plan.chaosMs * 0.7), () => {
        client.process.do(() => submitGraph(world, client));
      });
    }
    for (let i = random.whole(5, 30); i > 0; i--) {
      clock.after(random.between(0, plan.chaosMs), () => {
        client.process.do(() => random.pick(actions)(world, client));
      });
    }
  }
}

/** Takes back what is shared by name, which outlives whoever shared it; says what there still is. */
export function forgetShared({ pythonClients, scheduler }: World): string[] {
  const { variables, queues } = scheduler.state.extensions;
  const left = [...queues.keys()];
  for (const [name, { stored }] of variables) if (stored !== null) left.push(name);
  for (const client of left.length > 0 ? pythonClients : []) {
    for (const name of names) {
      client.say({ op: "variable_delete", name });
      // As often as it may have been opened.
      for (let i = 0; i < 40; i++) client.say({ op: "queue_release", name });
    }
  }
  return left;
}

function submitGraph(world: World, client: PythonClient): void {
  const { pythonRandom: random } = world;
  const inputs = [...client.held].flatMap(([key, status]) => (status === "finished" ? [key] : []));
  const tasks = world.pythonWorkload.graph(random.whole(3, 30), inputs);
  const needed = new Set(tasks.flatMap((task) => task.dependencies));
  const ends = tasks.filter((task) => !needed.has(task.key)).map(({ key }) => key);
  client.submit(tasks, ends);
}

type Action = (world: World, client: PythonClient) => void;

const actions: readonly Action[] = [
  releaseSome,
  setVariable,
  getVariable,
  ({ pythonRandom }, client) =>
    client.say({ op: "variable_delete", name: pythonRandom.pick(names) }),
  putItem,
  putItem,
  getItem,
  getItem,
  ({ pythonRandom }, client) => client.say({ op: "queue_release", name: pythonRandom.pick(names) }),
  ({ pythonRandom }, client) =>
    client.ask({ op: "event_wait", name: pythonRandom.pick(names), timeout }),
  ({ pythonRandom }, client) =>
    client.ask({
      op: pythonRandom.pick(["event_set", "event_clear"]),
      name: pythonRandom.pick(names),
    }),
  lease,
  lock,
];

function releaseSome({ pythonRandom }: World, client: PythonClient): void {
  const keys = [...client.held.keys()];
  client.release(pythonRandom.sample(keys, pythonRandom.below(keys.length + 1)));
}

/** A future that it holds, or plain data. */
function something({ pythonRandom: random }: World, client: PythonClient): object {
  const keys = [...client.held.keys()];
  if (keys.length === 0 || random.chance(0.3)) return { data: random.below(100) };
  return { key: wireKey(random.pick(keys)) };
}

function setVariable(world: World, client: PythonClient): void {
  const name = world.pythonRandom.pick(names);
  const given = something(world, client);
  client.ask({ op: "variable_set", name, ...given, timeout, client: client.id });
}

function getVariable({ pythonRandom: random }: World, client: PythonClient): void {
  const name = random.pick(names);
  const request = { op: "variable_get", name, timeout, client: client.id };
  client.ask(request, (reply) => {
    const found = reply as WireMap | null;
    if (found?.get("type") !== "Future" || random.chance(0.2)) return;
    const [key, token] = [found.get("value"), found.get("token")];
    client.say({ op: "variable-future-received-confirm", name, key, token });
  });
}

function putItem(world: World, client: PythonClient): void {
  const name = world.pythonRandom.pick(names);
  const maxsize = world.pythonRandom.pick([0, 2]);
  client.ask({ op: "queue_create", name, maxsize }, () => {
    client.ask({ op: "queue_put", name, ...something(world, client), timeout });
  });
}

function getItem({ pythonRandom: random }: World, client: PythonClient): void {
  const name = random.pick(names);
  client.ask({ op: "queue_get", name, timeout }, (reply) => {
    const found = reply as WireMap | null;
    if (found?.get?.("type") !== "Future" || random.chance(0.2)) return;
    client.say({ op: "queue-future-release", name, key: found.get("value") });
  });
}

function lease({ pythonRandom: random, clock }: World, client: PythonClient): void {
  const name = random.pick(names);
  const lease_id = `${client.id}-${random.below(1_000_000)}`;
  client.ask({ op: "semaphore_register", name, max_leases: 2, lease_timeout: 1 }, () => {
    client.ask({ op: "semaphore_acquire", name, timeout, lease_id }, () => {
      clock.after(random.skewed(1, 300), () => {
        client.process.do(() => client.ask({ op: "semaphore_release", name, lease_id }));
      });
    });
  });
}

function lock({ pythonRandom: random, clock }: World, client: PythonClient): void {
  const id = `${client.id}-${random.below(1_000_000)}`;
  const locks = random.sample(names, random.whole(1, 2));
  client.ask({ op: "multi_lock_acquire", locks, id, timeout }, () => {
    clock.after(random.skewed(1, 300), () => {
      client.process.do(() => client.ask({ op: "multi_lock_release", id }));
    });
  });
}
