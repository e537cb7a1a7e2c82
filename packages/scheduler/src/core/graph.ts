// Applies graph updates: received, unfolded if they are foreign, applied; first in, first out per
// client. A repeat of one of ours is answered and otherwise ignored. Corresponds to dask's
// update_graph.
import { type NativeGraph, ownKey, type TaskKey, taskKey, wireKey } from "@acme/protocol";
import { wait } from "./backlog.js";
import { ClientState, type PendingPart, type UpdateGraph } from "./client-state.js";
import type { Constraint } from "./constraint.js";
import { createTask, dropTask, GroupFinder, internConstraint } from "./create-task.js";
import { desire, report } from "./desires.js";
import { begin } from "./errands/assign.js";
import type { ErrandTask } from "./errands/errands.js";
import type { UnfoldFailure } from "./events.js";
import { expectTasks } from "./extensions/collectors.js";
import { type ForeignGraph, planForeign } from "./foreign-graph.js";
import { type GraphPart, partsOfGraph } from "./graph-parts.js";
import { BadGraph, type GraphPlan, planNative } from "./graph-plan.js";
import { coreLimits } from "./limits.js";
import { lostTasks } from "./lost-tasks.js";
import { staticOrder } from "./order.js";
import { added } from "./relations.js";
import { badGraph } from "./scheduler-errors.js";
import type { SchedulerState } from "./state.js";
import { flag, isSet, type Task } from "./task.js";
import { recommend, settle } from "./transitions/engine.js";
import { log, stimulate, type Turn, toClient } from "./turn.js";

/** Takes a graph update; a foreign one is handed out to be unfolded. */
export function receiveGraph(turn: Turn, client: ClientState, message: UpdateGraph): void {
  stimulate(turn, "update-graph");
  if (message.graph === undefined) {
    receiveForeign(turn, client, message);
    return;
  }
  const sequence = message.sequence ?? client.sequenceDone + 1;
  if (sequence <= client.sequenceDone) {
    acknowledge(turn, client, sequence);
    return;
  }
  client.sequenceDone = sequence;
  acknowledge(turn, client, sequence);
  const { graph } = message;
  const most = turn.state.settings.keysPerStep;
  if (graph.keys.length > most && inParts(turn, client, graph, most)) return;
  apply(turn, client, () => planNative(turn.state, graph), graph.keys);
}

/** A large graph is checked as a whole, then applied part by part in the steps that follow. */
function inParts(turn: Turn, client: ClientState, graph: NativeGraph, most: number): boolean {
  let parts: GraphPart[] | null = null;
  try {
    const { keys, rows } = planNative(turn.state, graph);
    if (new Set(keys).size < keys.length) return false;
    parts = partsOfGraph(graph, rows, most);
  } catch (error) {
    if (!(error instanceof BadGraph)) throw error;
  }
  if (parts === null) return false;
  const rest = client.pending;
  client.pending = [];
  for (const { graph: part, held } of parts) {
    wait(turn, client, { type: "part", graph: part, held, isLast: part === parts.at(-1)?.graph });
  }
  for (const one of rest) client.pending.push(one);
  return true;
}

/**
 * Applies one part. What later parts need of it is held until the last one, in place of the client,
 * who did not ask to be told of it.
 */
export function applyPart(turn: Turn, client: ClientState, part: PendingPart): ClientState | null {
  stimulate(turn, "update-graph");
  if (client.hold === null && part.held.length > 0) client.hold = new ClientState(client.id);
  const { graph, held } = part;
  apply(turn, client, () => ({ ...planNative(turn.state, graph), held }), graph.keys);
  if (!part.isLast) return null;
  const { hold } = client;
  client.hold = null;
  return hold;
}

function acknowledge(turn: Turn, client: ClientState, sequence: number): void {
  if (client.acme > 0) toClient(turn, client, { op: "graph-received", sequence });
}

function receiveForeign(turn: Turn, client: ClientState, message: UpdateGraph): void {
  if (message.unfolded !== undefined) {
    applyForeign(turn, client, message, message.unfolded);
    return;
  }
  const { id, dask } = client;
  const errandId = begin(turn, { type: "unfold", client: id, message, dask });
  client.pending.unshift({ type: "unfolding", errandId });
}

/** A foreign graph was unfolded, or could not be; what waits behind it may go on. */
export function materialized(
  turn: Turn,
  errandId: number,
  { client: id, message }: Extract<ErrandTask, { type: "unfold" }>,
  graph: ForeignGraph | UnfoldFailure,
): void {
  const client = turn.state.clients.get(id);
  const head = client?.pending[0];
  if (client === undefined || head?.type !== "unfolding" || head.errandId !== errandId) return;
  client.pending.shift();
  stimulate(turn, "update-graph");
  if ("error" in graph) refuseForeign(turn, client, message, graph);
  else applyForeign(turn, client, message, graph);
  turn.state.backlog.add(client);
}

function applyForeign(
  turn: Turn,
  client: ClientState,
  message: UpdateGraph,
  graph: ForeignGraph,
): void {
  const desired = message.keys.map((key) => taskKey(key));
  apply(turn, client, () => planForeign(graph, desired, message), message.keys);
}

/** An exception of Python's is what dask's own scheduler would have raised. */
function refuseForeign(
  turn: Turn,
  client: ClientState,
  { keys }: UpdateGraph,
  { error, exception, traceback = null }: UnfoldFailure,
): void {
  if (exception === undefined) {
    refuseGraph(turn, client, keys, error);
    return;
  }
  const text = `a graph could not be unfolded: ${error}`;
  log(turn, { level: "warn", event: "graph-refused", text, client: client.id });
  for (const key of keys) toClient(turn, client, { op: "task-erred", key, exception, traceback });
}

function apply(
  turn: Turn,
  client: ClientState,
  makePlan: () => GraphPlan,
  keys: UpdateGraph["keys"],
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
    refuseGraph(turn, client, keys, error.message);
  }
}

function refuseGraph(
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
    task.order = first === null ? base + place : first + place * nestedStep(keys.length);
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
function nestedOrder(state: SchedulerState, { submittedBy, keys }: GraphPlan): number | null {
  const parent = submittedBy == null ? undefined : state.tasks.get(submittedBy);
  return parent === undefined ? null : parent.order - nestedStep(keys.length) * keys.length;
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
    if (task != null && client.hold !== null) desire(client.hold, task);
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
