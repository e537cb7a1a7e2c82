// Graphs of Python clients: handed out to be unfolded, then applied, a large one part by part.
// Who unfolds them is decided in errands/, what a task asks for is read in foreign-graph.ts.
import { type TaskKey, taskKey, wireKey } from "@acme/protocol";
import { apply, refuseGraph } from "./apply-graph.js";
import { ClientState, type PendingForeignPart, type UpdateGraph } from "./client-state.js";
import { desire, undesire } from "./desires.js";
import { abandon, begin } from "./errands/assign.js";
import type { ErrandTask } from "./errands/errands.js";
import type { UnfoldFailure } from "./events.js";
import { cutForeign, type ForeignGraph, planForeign, planForeignPart } from "./foreign-graph.js";
import type { ForeignCut } from "./foreign-parts.js";
import { coreLimits } from "./limits.js";
import { lostTasks } from "./lost-tasks.js";
import type { SchedulerState } from "./state.js";
import { settle } from "./transitions/engine.js";
import { log, stimulate, type Turn, toClient } from "./turn.js";

/** Hands a foreign graph out to be unfolded, unless it could be read on its way in. */
export function receiveForeign(turn: Turn, client: ClientState, message: UpdateGraph): void {
  if (message.unfolded !== undefined) {
    applyForeign(turn, client, message, message.unfolded);
    return;
  }
  const { id, dask } = client;
  const errandId = begin(turn, { type: "unfold", client: id, message, dask });
  client.pending.unshift({ type: "unfolding", errandId });
}

/** Nobody wants the graph any more that this client waits for. */
export function abandonUnfolding(turn: Turn, { pending: [head] }: ClientState): void {
  if (head?.type === "unfolding") abandon(turn, head.errandId);
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
  const wanted = new Set(message.keys.map((key) => taskKey(key)));
  const actor = jsActorOf(graph, message, wanted);
  if (actor !== undefined) {
    refuseGraph(
      turn,
      client,
      message.keys,
      `${actor} is an actor of a JavaScript function; actors live on Python workers only: ` +
        "submit the function without actor=True",
    );
    return;
  }
  const isDesired = desiredOf(turn.state, graph, wanted);
  if (isDesired === null) {
    cancelAll(turn, client, message.keys, wanted);
    return;
  }
  const most = Math.ceil(turn.state.settings.keysPerStep / coreLimits.foreignTaskKeys);
  const cut = graph.keys.length > most ? cutForeign(graph, isDesired, message) : null;
  if (cut === null) {
    apply(
      turn,
      client,
      () => planForeign(graph, isDesired, message),
      () => message.keys,
    );
    return;
  }
  // To look at all of it was work enough for one step.
  turn.keysLeft = 0;
  const parts: PendingForeignPart[] = [];
  for (let from = 0; from < cut.order.length; from += most) {
    const to = Math.min(from + most, cut.order.length);
    parts.push({ type: "foreign-part", cut, from, to });
  }
  client.pending = [...parts, ...client.pending];
}

/** A task that is to be an actor where there are none. */
function jsActorOf(
  { keys, javascript }: ForeignGraph,
  { actors }: UpdateGraph,
  wanted: ReadonlySet<TaskKey>,
): TaskKey | undefined {
  if (!javascript || !actors) return undefined;
  const named = actors === true ? wanted : new Set(actors.map(taskKey));
  return keys.find((key, index) => javascript[index] === 1 && named.has(key));
}

/**
 * What of a graph is asked for; null if something of that can never be computed: dask then computes
 * nothing of the graph. Tasks that are known keep what they need, so that nothing of theirs is lost.
 */
function desiredOf(
  { tasks }: SchedulerState,
  graph: ForeignGraph,
  wanted: ReadonlySet<TaskKey>,
): Uint8Array | null {
  const { keys } = graph;
  const isKnown = (key: TaskKey) => tasks.get(key) !== undefined;
  const lost = lostTasks(graph, isKnown);
  const isDesired = new Uint8Array(keys.length);
  let found = 0;
  for (let index = 0; index < keys.length && found < wanted.size; index++) {
    if (!wanted.has(keys[index] as TaskKey)) continue;
    if (lost !== null && lost[index] === 1) return null;
    isDesired[index] = 1;
    found += 1;
  }
  if (found === wanted.size) return isDesired;
  const there = new Set(keys);
  for (const key of wanted) if (!there.has(key) && !isKnown(key)) return null;
  return isDesired;
}

function cancelAll(
  turn: Turn,
  client: ClientState,
  keys: UpdateGraph["keys"],
  wanted: ReadonlySet<TaskKey>,
): void {
  toClient(turn, client, { op: "cancelled-keys", keys: [...keys], reason: "lost dependencies" });
  for (const key of wanted) {
    const task = turn.state.tasks.get(key);
    if (task !== undefined) undesire(turn, client, task);
  }
  settle(turn);
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

/** Applies one part; gives back whoever held what later parts need, once there are none. */
export function applyForeignPart(
  turn: Turn,
  client: ClientState,
  { cut, from, to }: PendingForeignPart,
): ClientState | null {
  stimulate(turn, "update-graph");
  if (from === 0) client.hold = holdOf(turn, client, cut);
  const plan = () => planForeignPart(cut, { from, to });
  apply(turn, client, plan, () => wantedOf(cut));
  if (to < cut.order.length) return null;
  const { hold } = client;
  client.hold = null;
  return hold;
}

const wantedOf = ({ graph, isDesired }: ForeignCut): UpdateGraph["keys"] =>
  graph.keys.filter((_, index) => isDesired[index] === 1).map(wireKey);

/** Holds what parts of a graph need until the last one is applied, beginning with what was there. */
function holdOf({ state }: Turn, { id }: ClientState, { externals }: ForeignCut): ClientState {
  const hold = new ClientState(id);
  for (const key of externals) {
    const task = state.tasks.get(key);
    if (task !== undefined) desire(hold, task);
  }
  return hold;
}
