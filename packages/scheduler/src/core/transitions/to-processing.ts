// waiting, queued or no-worker → processing: the task goes to a worker, with a new run id and
// whatever the worker lacks to run it. Which worker was decided before (`place.ts`).
import {
  assert,
  runId,
  type SchedulerToWorker,
  type Serialized,
  type WireKey,
} from "@acme/protocol";
import { takeOff } from "../flight.js";
import { ForeignSlab } from "../foreign-graph.js";
import { coreLimits } from "../limits.js";
import { each, sizeOf } from "../relations.js";
import { flag, isSet, type Task } from "../task.js";
import { isNative, joinedPickle, Slab, type Template, templateOf } from "../template.js";
import { type Turn, toWorker } from "../turn.js";
import type { WorkerState } from "../worker-state.js";
import { enter } from "./engine.js";
import { leaveQueue } from "./to-released.js";

type ComputeTask = Extract<SchedulerToWorker, { op: "compute-task" }>;

// Shared by all tasks without dependencies; nobody changes a message.
const nothing = new Map<WireKey, never>();

/** Sends a ready task to a worker. */
export function dispatch(turn: Turn, task: Task, worker: WorkerState): void {
  if (task.state === "no-worker") task.constraint.unrunnable.delete(task);
  else if (task.state === "queued") leaveQueue(turn, task);
  enter(turn, task, "processing");
  sendCompute(turn, task, worker);
}

/** Books a processing task on a worker and tells it, as at dispatch or after a steal. */
export function sendCompute(turn: Turn, task: Task, worker: WorkerState): void {
  const state = turn.state;
  const alone = isSet(task, flag.suspect);
  const isolated = alone && canIsolate(task, worker);
  if (alone && !isolated) worker.reservedFor = task;
  takeOff(turn, task, worker, isolated);
  state.runs += 1;
  task.runId = runId(state.settings.incarnation, state.runs);
  toWorker(turn, worker, computeMessage(turn, task, worker));
}

/** Only our workers can run one task in a process of its own. */
const canIsolate = (task: Task, worker: WorkerState): boolean => worker.acme > 0 && isNative(task);

function computeMessage(turn: Turn, task: Task, worker: WorkerState): ComputeTask {
  const some = task.dependencies !== null;
  const message: ComputeTask = {
    op: "compute-task",
    key: task.wire,
    run_id: task.runId,
    priority: [-task.userPriority, task.order],
    stimulus_id: turn.stimulus,
    who_has: some ? holders(task) : nothing,
    nbytes: some ? sizes(task) : nothing,
    run_spec: runSpec(turn, task, worker),
    resource_restrictions: task.constraint.spec.resources ?? null,
    actor: isSet(task, flag.actor),
    annotations: task.rare?.annotations ?? task.constraint.annotations,
    span_id: null,
  };
  return message;
}

function holders(task: Task): Map<WireKey, string[]> {
  const found = new Map<WireKey, string[]>();
  for (const dependency of each(task.dependencies)) {
    found.set(dependency.wire, addresses(dependency));
  }
  return found;
}

// A worker needs a few places to fetch from, not a thousand; it asks again when all fail.
function addresses(task: Task): string[] {
  const found: string[] = [];
  const size = sizeOf(task.whoHas);
  for (const worker of each(task.whoHas)) {
    found.push(worker.address);
    if (size > coreLimits.placeCandidates && found.length === coreLimits.placeCandidates) break;
  }
  return found;
}

function sizes(task: Task): Map<WireKey, number> {
  const found = new Map<WireKey, number>();
  for (const dependency of each(task.dependencies)) {
    found.set(dependency.wire, Math.max(0, dependency.nbytes));
  }
  return found;
}

function runSpec(turn: Turn, task: Task, worker: WorkerState): ComputeTask["run_spec"] {
  const spec = task.spec;
  if (spec instanceof ForeignSlab) return spec.payload(task.item);
  assert(spec instanceof Slab, "a task without a run spec is never ready");
  const template = templateOf(task) as Template;
  const start = spec.offsets[task.item] as number;
  const items = spec.bytes.subarray(start, spec.offsets[task.item + 1]);
  const buffers = buffersOf(spec, task.item);
  if (template.isPickle) return joinedPickle(template, items, buffers);
  teach(turn, worker, template);
  const isolate = task.flight?.isolated === true;
  if (buffers === null && !isolate) return { template: template.id, items };
  return {
    template: template.id,
    items,
    ...(buffers === null ? {} : { buffers }),
    ...(isolate ? { isolate } : {}),
  };
}

function buffersOf(slab: Slab, item: number): Serialized | null {
  return slab.buffers?.get(item) ?? null;
}

/** Sends a template before its first use; the least recently used one goes when there are many. */
function teach(turn: Turn, worker: WorkerState, template: Template): void {
  const { id, name, body } = template;
  const templates = worker.templates;
  const known = templates.get(id);
  if (known !== undefined) {
    known.inFlight += 1;
    if (templates.size > 1) {
      templates.delete(id);
      templates.set(id, known);
    }
    return;
  }
  if (templates.size >= coreLimits.templatesPerWorker) forgetOldest(turn, worker);
  templates.set(id, { inFlight: 1 });
  toWorker(turn, worker, { op: "task-template", id, name, body });
}

function forgetOldest(turn: Turn, worker: WorkerState): void {
  for (const [id, known] of worker.templates) {
    if (known.inFlight > 0) continue;
    worker.templates.delete(id);
    toWorker(turn, worker, { op: "forget-template", id });
    return;
  }
}
