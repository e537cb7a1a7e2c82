// Applies one plan of a graph: new tasks are made and linked, what the client wants is set off.
// Whose graph it is, and of what language, is not known here. Corresponds to dask's
// _create_taskstate_from_graph.
import { ownKey, type TaskKey, wireKey } from "@acme/protocol";
import type { ClientState, UpdateGraph } from "./client-state.js";
import type { Constraint } from "./constraint.js";
import { createTask, dropTask, GroupFinder, internConstraint } from "./create-task.js";
import { desire, report } from "./desires.js";
import { expectTasks } from "./extensions/collectors.js";
import { BadGraph, type GraphPlan } from "./graph-plan.js";
import { coreLimits } from "./limits.js";
import { lostTasks } from "./lost-tasks.js";
import { staticOrder } from "./order.js";
import { added } from "./relations.js";
import { badGraph } from "./scheduler-errors.js";
import type { SchedulerState } from "./state.js";
import { flag, isSet, type Task } from "./task.js";
import { recommend, settle } from "./transitions/engine.js";
import { log, type Turn, toClient } from "./turn.js";

/** @param wanted - keys whose client is told if the graph cannot be applied */
export function apply(
  turn: Turn,
  client: ClientState,
  makePlan: () => GraphPlan,
  wanted: () => UpdateGraph["keys"],
): void {
  try {
    const plan = makePlan();
    const lost = lostTasks(plan, (key) => turn.state.tasks.get(key) !== undefined);
    const { tasks, isNew } = createTasks(turn, plan, lost);
    connect(turn, plan, tasks, isNew);
    start(turn, client, plan, tasks);
    if (lost !== null) cancelLost(turn, client, plan, lost);
  } catch (error) {
    if (!(error instanceof BadGraph)) throw error;
    refuseGraph(turn, client, wanted(), error.message);
  }
}

export function refuseGraph(
  turn: Turn,
  client: ClientState,
  keys: UpdateGraph["keys"],
  why: string,
): void {
  const text = `The graph update was refused: ${why}. None of its tasks will run.`;
  log(turn, { level: "warn", event: "graph-refused", text, client: client.id });
  const exception = badGraph(text);
  for (const key of keys) {
    toClient(turn, client, { op: "task-erred", key, exception, traceback: null });
  }
}

function cancelLost(turn: Turn, client: ClientState, plan: GraphPlan, lost: Uint8Array): void {
  const keys = plan.keys.filter((_, i) => lost[i] === 1).map(wireKey);
  if (keys.length === 0) return;
  toClient(turn, client, { op: "cancelled-keys", keys, reason: "lost dependencies" });
}

interface Created {
  tasks: (Task | null)[];
  /** 1: it was not known before. */
  isNew: Uint8Array;
}

/** New tasks for the keys that are not known yet; known ones keep what they are. */
function createTasks(turn: Turn, plan: GraphPlan, lost: Uint8Array | null): Created {
  const state = turn.state;
  const { keys, rows } = plan;
  const rank = plan.ranks ?? staticOrder(keys.length, rows);
  if (rank === null) throw new BadGraph("its tasks depend on each other in a circle");
  const base = state.nextOrder;
  // The text around the keys of a large graph is its other keys: copying saves next to nothing.
  const isSmall = keys.length <= coreLimits.keysCopied;
  const finder = new GroupFinder(state);
  const tasks: (Task | null)[] = new Array(keys.length).fill(null);
  const constraints = new Map<Constraint["spec"], Constraint>();
  const created: Task[] = [];
  const isNew = new Uint8Array(keys.length);
  const first = nestedOrder(state, plan);
  const total = plan.share?.of ?? keys.length;
  for (let i = 0; i < keys.length; i++) {
    if (lost !== null && lost[i] === 1) continue;
    const key = keys[i] as TaskKey;
    const known = state.tasks.get(key);
    tasks[i] = known ?? null;
    if (known !== undefined) {
      if (known.order >= base) refuseTwice(state, created, key);
      if (known.spec === null && rowLength(plan, i) === 0) plan.fill(known, i);
      continue;
    }
    const spec = plan.constraintOf(i);
    let constraint = constraints.get(spec);
    if (constraint === undefined) {
      constraint = internConstraint(state, spec);
      constraints.set(spec, constraint);
    }
    const own = isSmall ? ownKey(key) : key;
    const task = createTask(state, own, finder.groupOf(own), constraint);
    const place = rank[i] as number;
    task.order = first === null ? base + place : first + place * nestedStep(total);
    plan.fill(task, i);
    if (isSet(task, flag.actor)) state.actors.set(task, null);
    created.push(task);
    isNew[i] = 1;
    tasks[i] = task;
  }
  state.nextOrder = base + keys.length;
  for (const constraint of constraints.values()) {
    if (constraint.size === 0) state.constraints.delete(constraint.id);
  }
  return { tasks, isNew };
}

/**
 * Where the tasks of a running task begin: a little before it, so that they end before whatever is
 * as urgent as itself; null if nobody runs who submitted them.
 */
function nestedOrder(
  state: SchedulerState,
  { submittedBy, keys, share }: GraphPlan,
): number | null {
  const parent = submittedBy == null ? undefined : state.tasks.get(submittedBy);
  if (parent === undefined) return null;
  const { before, of } = share ?? { before: 0, of: keys.length };
  return parent.order - nestedStep(of) * (of - before);
}

const nestedStep = (count: number): number => 1 / (coreLimits.nestedPerOrder * count);

const rowLength = ({ rows }: GraphPlan, index: number): number =>
  rows === null ? 0 : (rows.offsets[index + 1] as number) - (rows.offsets[index] as number);

/** Orders from `base` on were given out by this very graph: it names a key twice. */
function refuseTwice(state: SchedulerState, created: readonly Task[], key: TaskKey): never {
  for (const task of created) dropTask(state, task);
  throw new BadGraph(`the key ${String(wireKey(key))} occurs twice`);
}

/** Links new tasks and what they depend on. A task that was known keeps its own dependencies. */
function connect(
  turn: Turn,
  plan: GraphPlan,
  tasks: readonly (Task | null)[],
  isNew: Uint8Array,
): void {
  const { rows, keys } = plan;
  if (rows === null) return;
  const n = keys.length;
  const externals = plan.externals.map((key) => turn.state.tasks.get(key) ?? null);
  for (let i = 0; i < n; i++) {
    const task = tasks[i];
    if (task === null || task === undefined || isNew[i] === 0) continue;
    for (let at = rows.offsets[i] as number; at < (rows.offsets[i + 1] as number); at++) {
      const index = rows.indices[at] as number;
      const dependency = index < n ? tasks[index] : externals[index - n];
      if (dependency === null || dependency === undefined) continue;
      task.dependencies = added(task.dependencies, dependency);
      dependency.dependents = added(dependency.dependents, task);
      const groups = task.group.dependencies;
      if (groups.size < 5) groups.add(dependency.group);
    }
  }
}

/** Sets off what the client wants; what nobody can ever want is forgotten at once. */
function start(
  turn: Turn,
  client: ClientState,
  plan: GraphPlan,
  tasks: readonly (Task | null)[],
): void {
  const wanted: Task[] = [];
  for (const index of plan.desired) {
    const task = tasks[index];
    if (task === null || task === undefined) continue;
    desire(client, task);
    wanted.push(task);
  }
  if (turn.state.extensions.collectors.size > 0) expectTasks(turn.state.extensions, wanted);
  for (const index of plan.held ?? []) {
    const task = tasks[index];
    if (task == null || client.hold === null) continue;
    desire(client.hold, task);
    if (plan.isNeeded && task.state === "released") recommend(turn, task, "waiting");
  }
  for (let i = wanted.length - 1; i >= 0; i--) {
    const task = wanted[i] as Task;
    if (task.state === "released") recommend(turn, task, "waiting");
    else report(turn, client, task);
  }
  settle(turn);
  for (const task of tasks) {
    if (task === null || task.state !== "released") continue;
    if (task.whoWants === null && task.dependents === null) recommend(turn, task, "forgotten");
  }
  settle(turn);
}
