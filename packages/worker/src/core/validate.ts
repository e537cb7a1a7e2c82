// Checks every cross-reference of a worker's state, both ways. Run after each step in tests, and
// in production when asked for. Corresponds to validate_state of dask's worker state machine.
import { assert } from "@acme/protocol";
import type { WorkerState } from "./state.js";
import type { Order, Task, TaskState } from "./task.js";
import { comparePriority, type TaskHeap } from "./task-heap.js";
import { validateValues } from "./validate-values.js";

const computed: ReadonlySet<TaskState> = new Set([
  "waiting",
  "ready",
  "constrained",
  "executing",
  "long-running",
]);

/**
 * Checks a state between two steps.
 *
 * @throws ProgramError naming the first promise found broken
 */
export function validate(state: WorkerState): void {
  const templateTasks = new Map<string, number>();
  for (const task of state.tasks.values()) {
    assert(state.tasks.get(task.key) === task, "a task is found under its key");
    validateState(state, task);
    validateLinks(task);
    validateRun(state, task);
    const id = task.computation?.template?.id;
    if (id !== undefined) templateTasks.set(id, (templateTasks.get(id) ?? 0) + 1);
  }
  for (const template of state.templates.values()) {
    assert(template.tasks === (templateTasks.get(template.id) ?? 0), "template uses are counted");
    assert(!template.forgotten || template.tasks > 0, "an unused forgotten template is gone");
  }
  for (const task of state.foreign.keys()) {
    assert(task.state === "constrained", `what is held for Python waits: ${task.key}`);
  }
  validateHeaps(state);
  validateSlots(state);
  validatePeers(state);
  validateValues(state);
}

function validateState(state: WorkerState, task: Task): void {
  const at = `${task.key} (${task.state})`;
  const transient: TaskState[] = ["released", "rescheduled", "forgotten"];
  assert(!transient.includes(task.state), `no task rests in this state: ${at}`);
  const wantsComputation = computed.has(task.state) || task.next === "waiting";
  const mayHave = task.state === "cancelled" || task.next === "fetch";
  assert(!wantsComputation || task.computation !== null, `it knows how to be computed: ${at}`);
  assert(wantsComputation || mayHave || task.computation === null, `it forgot how: ${at}`);
  const half = task.state === "cancelled" || task.state === "resumed";
  assert(half === (task.previous !== null), `cancelled and resumed remember what runs: ${at}`);
  assert((task.state === "resumed") === (task.next !== null), `resumed knows what next: ${at}`);
  const runs = task.state === "executing" || task.state === "long-running";
  const ordered = runs || (task.previous !== null && task.previous !== "flight");
  assert(ordered === (task.order !== null), `what runs has an order: ${at}`);
  const unstarted = (wantsComputation && !runs) || task.next === "waiting";
  assert(!unstarted || state.link !== null, `without a scheduler nothing is to start: ${at}`);
  const flies = task.state === "flight" || task.previous === "flight";
  assert(flies === (task.fetch !== null), `what flies has a fetch: ${at}`);
  assert((task.state === "memory") === (task.place !== null), `only memory has values: ${at}`);
  assert(state.missing.has(task) === (task.state === "missing"), `missing is listed: ${at}`);
  assert(state.erred.has(task) === (task.state === "error"), `errors are listed: ${at}`);
  const wanted = task.replica || task.dependents !== null || task.askings !== null;
  const looked = task.state === "fetch" || task.state === "flight" || task.state === "missing";
  assert(!looked || wanted, `what is looked for is wanted: ${at}`);
  assert(task.state !== "missing" || task.whoHas === null, `missing has no holder: ${at}`);
  assert(task.state !== "fetch" || task.whoHas !== null, `fetch has a holder: ${at}`);
}

function validateLinks(task: Task): void {
  for (const input of task.dependencies) {
    assert(input.dependents?.has(task), `${input.key} knows that ${task.key} needs it`);
  }
  assert(task.dependents === null || task.dependents.size > 0, "no empty set of dependents");
  for (const dependent of task.dependents ?? []) {
    assert(dependent.dependencies.includes(task), `${dependent.key} knows its input ${task.key}`);
  }
  const away = task.dependencies.filter((input) => input.state !== "memory").length;
  if (task.state === "waiting") {
    assert(task.waitingOn === away && away > 0, `${task.key} counts what it waits for`);
  } else {
    assert(task.waitingOn === 0, `${task.key} waits for nothing`);
  }
  if (task.state === "ready" || task.state === "constrained") {
    assert(away === 0, `the inputs of ${task.key} are in memory`);
  }
}

function validateRun(state: WorkerState, task: Task): void {
  const { order } = task;
  if (order !== null) {
    assert(state.orders.get(order.orderId) === order && order.task === task, "orders are found");
    const half = task.state === "cancelled" || task.state === "resumed";
    assert(!order.aborted || half, `an aborted run of ${task.key} is not wanted`);
  }
  if (task.fetch !== null) {
    assert(state.fetches.get(task.fetch.fetchId) === task.fetch, "fetches are found");
    assert(task.fetch.tasks.includes(task), "a fetch lists what it brings");
  }
  for (const asking of task.askings ?? []) {
    assert(asking.awaited.has(task), "a parked request awaits what is looked for");
    assert(state.askings.get(asking.requestId) === asking, "parked requests are found");
  }
}

function validateHeaps(state: WorkerState): void {
  validateHeap(state.ready, "ready");
  for (const [constraint, heap] of state.constrained) {
    assert(heap.size > 0, "no empty heap");
    validateHeap(heap, "constrained");
    for (const task of heap.values()) {
      assert(task.computation?.constraint === constraint, "heaps hold equal constraints");
    }
  }
  for (const task of state.tasks.values()) {
    const runnable = task.state === "ready" || task.state === "constrained";
    const listed = task.heapIndex >= 0 !== state.loading.has(task);
    assert(runnable ? listed : task.heapIndex < 0, `${task.key} is in one heap or loading`);
    assert(runnable || !state.loading.has(task), `${task.key} does not load any more`);
  }
}

function validateHeap(heap: TaskHeap, state: TaskState): void {
  const items = [...heap.values()];
  items.forEach((task, index) => {
    assert(task.state === state && task.heapIndex === index, "a task knows its place");
    const parent = items[(index - 1) >> 1];
    assert(index === 0 || comparePriority(parent!, task) < 0, "the heap is in order");
  });
}

function validateSlots(state: WorkerState): void {
  const taken = new Map<string, number>();
  for (const order of state.orders.values()) {
    assert(order.task.order === order, "a task knows its order");
    const slot = state.slots[order.slot]!;
    assert(slot.orders.includes(order) !== order.seceded, "a slot lists its orders");
    for (const other of order.alsoSlots) {
      const lent = state.slots[other]?.lentTo === order;
      assert(lent !== order.seceded, "a wide order has all its slots until it secedes");
    }
    addResources(taken, order);
  }
  for (const slot of state.slots) {
    for (const order of slot.orders) {
      assert(state.orders.get(order.orderId) === order, "slots list live orders");
      assert(order.expectedMs !== null || slot.orders.length === 1, "unknown runs stand alone");
    }
    assert(slot.orders.length <= state.limits.handOverCount, "hand-over is bounded");
    const sum = slot.orders.reduce((total, order) => total + (order.expectedMs ?? 0), 0);
    assert(Math.abs(slot.plannedMs - sum) < 1e-6, "planned work is summed");
  }
  for (const [name, total] of state.options.resources) {
    const left = state.available.get(name) ?? 0;
    assert(left >= -1e-9, `no more of ${name} is used than there is`);
    assert(Math.abs(left + (taken.get(name) ?? 0) - total) < 1e-6, `${name} is accounted for`);
  }
}

function addResources(taken: Map<string, number>, order: Order): void {
  for (const [name, amount] of order.resources ?? []) {
    taken.set(name, (taken.get(name) ?? 0) + amount);
  }
}

function validatePeers(state: WorkerState): void {
  let incoming = 0;
  for (const fetch of state.fetches.values()) {
    incoming += fetch.nbytes;
    const peer = state.peers.get(fetch.peer);
    assert(peer?.fetchId === fetch.fetchId, "a peer knows the fetch under way");
  }
  assert(state.incomingBytes === incoming, "incoming bytes are summed");
  assert(state.fetches.size <= state.limits.incomingConnections, "incoming is bounded");
  for (const task of state.unasked) assert(state.missing.has(task), "unasked is missing");
  for (const peer of state.resting) {
    assert(state.peers.get(peer.address) === peer, "resting peers are known");
  }
  for (const peer of state.peers.values()) {
    const needed = peer.tasks.size > 0 || peer.fetchId !== null || state.resting.has(peer);
    assert(needed, "peers are remembered while they matter");
    assert(state.peers.get(peer.address) === peer, "a peer is found under its address");
    assert(state.fetchable.has(peer) === peer.tasks.size > 0, "peers with work are listed");
    for (const task of peer.tasks) {
      assert(task.state === "fetch", `only fetch is listed at peers: ${task.key}`);
      assert(task.whoHas?.has(peer.address), "a peer lists what it has");
    }
  }
  for (const task of state.tasks.values()) {
    if (task.state !== "fetch") continue;
    for (const address of task.whoHas ?? []) {
      assert(state.peers.get(address)?.tasks.has(task), `${task.key} is listed at its holders`);
    }
  }
}
