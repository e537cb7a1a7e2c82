// Who runs next, and where: looked at once per step. Each slot gets work for a named short time
// ahead, as far as durations are known; everything else stays in the heaps, where it can be
// stolen. Spilled inputs are read before a task is handed over.
import type { Core } from "./context.js";
import { isIdle, overdueAtMs, putInSlot } from "./slots.js";
import type { SlotState } from "./state.js";
import type { Order, Task } from "./task.js";
import { comparePriority } from "./task-heap.js";
import { constrainedHeap, move } from "./transition.js";
import { awaitValue, pinInputs, unpinInputs } from "./values.js";

/** Hands over as much as the slots take. */
export function handOver(core: Core): void {
  const { state } = core;
  returnFromOverdue(core);
  if (state.status !== "running" || state.closing) return;
  const readAhead = state.slots.length + state.limits.readAheadTasks;
  for (let task = bestTask(core); task !== null; task = bestTask(core)) {
    if (inputsAway(task)) {
      if (state.loading.size >= readAhead) return;
      readInputs(core, task);
      continue;
    }
    const slot = pickSlot(core, task);
    if (slot === null) return;
    give(core, task, slot);
  }
}

// The best task that the resources allow. A task that wants several slots holds back the others
// until they are free, or it would never run; one that lacks resources does not.
function bestTask(core: Core): Task | null {
  const { ready, constrained } = core.state;
  let best = ready.peek() ?? null;
  for (const heap of constrained.values()) {
    const first = heap.peek();
    if (first === undefined || !resourcesSuffice(core, first)) continue;
    if (best === null || comparePriority(first, best) < 0) best = first;
  }
  return best;
}

function resourcesSuffice(core: Core, task: Task): boolean {
  for (const [name, amount] of task.computation?.resources ?? []) {
    if ((core.state.available.get(name) ?? 0) < amount) return false;
  }
  return true;
}

function inputsAway(task: Task): boolean {
  for (const input of task.dependencies) if (input.place !== "memory") return true;
  return false;
}

function readInputs(core: Core, task: Task): void {
  const heap = task.state === "constrained" ? constrainedHeap(core, task) : core.state.ready;
  heap.remove(task);
  if (task.state === "constrained" && heap.size === 0) {
    core.state.constrained.delete(task.computation!.constraint!);
  }
  core.state.loading.add(task);
  pinInputs(core, task);
  for (const input of task.dependencies) if (awaitValue(core, input, task)) task.loading += 1;
}

/** An input is in memory again; the task goes back to its heap with the last one. */
export function inputLoaded(core: Core, task: Task): void {
  task.loading -= 1;
  if (task.loading > 0) return;
  core.state.loading.delete(task);
  (task.state === "constrained" ? constrainedHeap(core, task) : core.state.ready).push(task);
  if (core.state.pausedFor.size > 0) unpinInputs(core, task);
}

/** Lets go of inputs read ahead: a paused worker must be able to spill them, or stays paused. */
export function releaseReadAhead(core: Core): void {
  for (const task of core.state.ready.values()) unpinInputs(core, task);
  for (const heap of core.state.constrained.values()) {
    for (const task of heap.values()) unpinInputs(core, task);
  }
}

function pickSlot(core: Core, task: Task): SlotState | null {
  const computation = task.computation!;
  const alone = computation.executor === "process" || computation.slots > 1;
  const expectedMs = alone ? null : (computation.template?.durationMs ?? null);
  let best: SlotState | null = null;
  let idle = 0;
  for (const slot of core.state.slots) {
    if (isIdle(slot)) {
      idle += 1;
      if (best === null || best.orders.length > 0) best = slot;
      if (computation.slots === 1) return slot;
    } else if (expectedMs !== null && takesMore(core, slot, expectedMs)) {
      if (best === null || (best.orders.length > 0 && slot.plannedMs < best.plannedMs)) best = slot;
    }
  }
  return idle < computation.slots && alone ? null : best;
}

function takesMore(core: Core, slot: SlotState, expectedMs: number): boolean {
  const { limits } = core.state;
  const head = slot.orders[0];
  if (!slot.ready || slot.lentTo !== null || head === undefined) return false;
  return (
    head.expectedMs !== null &&
    slot.orders.length < limits.handOverCount &&
    slot.plannedMs + expectedMs <= limits.handOverMs &&
    core.nowMs <= head.startedMs + head.expectedMs + limits.overdueMs
  );
}

function give(core: Core, task: Task, slot: SlotState): void {
  const computation = task.computation!;
  const alone = computation.executor === "process" || computation.slots > 1;
  const order: Order = {
    orderId: core.state.nextOrderId++,
    task,
    slot: slot.slot,
    alsoSlots: computation.slots > 1 ? furtherSlots(core, slot, computation.slots - 1) : noSlots,
    resources: computation.resources,
    template: computation.template,
    expectedMs: alone ? null : (computation.template?.durationMs ?? null),
    startedMs: core.nowMs,
    aborted: false,
    retracting: false,
    steals: null,
    seceded: false,
  };
  move(core, task, "executing");
  task.order = order;
  core.state.orders.set(order.orderId, order);
  putInSlot(core, order);
  takeResources(core, order);
  core.out.exec.push({
    type: "execute",
    orderId: order.orderId,
    slot: slot.slot,
    key: task.key,
    runSpec: computation.runSpec,
    dependencies: task.dependencies.length === 0 ? noKeys : task.dependencies.map((d) => d.key),
    executor: computation.executor,
    isolate: computation.isolate,
    annotations: computation.annotations,
  });
}

const noSlots: readonly number[] = [];
const noKeys: readonly Task["key"][] = [];

function furtherSlots(core: Core, first: SlotState, count: number): number[] {
  const further: number[] = [];
  for (const slot of core.state.slots) {
    if (further.length < count && slot !== first && isIdle(slot)) further.push(slot.slot);
  }
  return further;
}

function takeResources(core: Core, order: Order): void {
  if (order.resources === null) return;
  const { available } = core.state;
  for (const [name, amount] of order.resources) {
    available.set(name, (available.get(name) ?? 0) - amount);
  }
}

// Short tasks behind one that turns out long come back, to run in another slot or worker.
function returnFromOverdue(core: Core): void {
  for (const slot of core.state.slots) {
    const dueMs = overdueAtMs(core, slot);
    if (dueMs === null || core.nowMs <= dueMs) continue;
    for (let i = 1; i < slot.orders.length; i++) retract(core, slot.orders[i] as Order);
  }
}

/** Asks an executor to give an order back unless it started. */
export function retract(core: Core, order: Order): void {
  if (order.retracting || order.aborted) return;
  order.retracting = true;
  core.out.exec.push({ type: "retract", orderId: order.orderId });
}
