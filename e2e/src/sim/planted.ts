// Bugs of one line, planted into the compiled cores to see whether the simulator finds them. Each
// is an exact piece of a module as built, and what takes its place; it must occur exactly once.

export interface PlantedBug {
  name: string;
  /** Path of the built module, from the repository's `packages/`. */
  module: string;
  before: string;
  after: string;
  /** Noticed within a few seeds that take little time. */
  quick?: boolean;
}

const scheduler = "scheduler/dist/core";
const worker = "worker/dist/core";
const client = "client/dist/core";

export const plantedBugs: readonly PlantedBug[] = [
  {
    name: "retries are not counted down",
    module: `${scheduler}/worker-messages.js`,
    before: "task.retries -= 1;",
    after: "",
  },
  {
    name: "a copy that is gone still counts",
    module: `${scheduler}/worker-messages.js`,
    before: "    dropReplica(turn, task, worker);\n    settle(turn);",
    after: "    settle(turn);",
  },
  {
    name: "inputs are not released when their last dependent is done",
    module: `${scheduler}/transitions/active.js`,
    before: "if (!isNeeded(dependency))",
    after: "if (false)",
    quick: true,
  },
  {
    name: "the time that a task would take stays in the books of its worker",
    module: `${scheduler}/flight.js`,
    before: "    worker.occupancyUs -= flight.costUs;\n    if (flight.steal",
    after: "    if (flight.steal",
    quick: true,
  },
  {
    name: "a client that never comes back keeps its keys",
    module: `${scheduler}/clients.js`,
    before: "if (client.lingerUntilMs <= turn.nowMs)",
    after: "if (false)",
    quick: true,
  },
  {
    name: "tasks ignore what resources they need",
    module: `${scheduler}/constraint.js`,
    before: "if ((worker.resources.get(name) ?? 0) < amount)",
    after: "if (false)",
  },
  {
    name: "the cache of fitting workers is never renewed",
    module: `${scheduler}/workers.js`,
    before: "turn.state.workersVersion += 1;",
    after: "",
    quick: true,
  },
  {
    name: "fetched copies are not announced",
    module: `${worker}/fetching.js`,
    before: `    send(core, { op: "add-keys", keys, stimulus_id: core.stimulusId });`,
    after: "",
    quick: true,
  },
  {
    name: "resources are not given back",
    module: `${worker}/finish.js`,
    before: "    giveBackResources(core, order);\n    task.order = null;",
    after: "    task.order = null;",
    quick: true,
  },
  {
    name: "spilled values are served as if they were in memory",
    module: `${worker}/serve.js`,
    before: "if (awaitValue(core, task, serving))",
    after: "if (false)",
    quick: true,
  },
  {
    name: "graphs without an acknowledgement are not sent again",
    module: `${client}/connection.js`,
    before: "for (const [sequence, graph] of state.unacknowledged) {",
    after: "for (const [sequence, graph] of []) {",
    quick: true,
  },
  {
    name: "a nanny does not mend a worker that was killed",
    module: "worker/dist/nanny/core/child.js",
    before: "    startAgain(core);\n}",
    after: "}",
  },
];

/** The module with the bug in it. @throws Error if the piece does not occur exactly once */
export function plant(bug: PlantedBug, source: string): string {
  const pieces = source.split(bug.before);
  if (pieces.length !== 2) {
    throw new Error(`"${bug.name}": its place occurs ${pieces.length - 1} times in ${bug.module}`);
  }
  return pieces.join(bug.after);
}
