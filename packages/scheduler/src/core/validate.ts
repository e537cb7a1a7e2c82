// Checks every cross-reference both ways; a broken one is a program error. The whole state for
// tests, or only the tasks that one step touched.
import { assert } from "@acme/protocol";
import { bucketOf } from "./buckets.js";
import { bytesOf } from "./durations.js";
import { runsPython } from "./errands/assign.js";
import { validateExtensions } from "./extensions/validate.js";
import { busyCount } from "./flight.js";
import type { TaskPrefix } from "./groups.js";
import { each, has } from "./relations.js";
import type { SchedulerState } from "./state.js";
import { flag, isSet, recommendationShift, type Task } from "./task.js";
import { isActive, isNeeded } from "./transitions/active.js";
import { codeOf, stateNames } from "./transitions/table.js";
import type { WorkerState } from "./worker-state.js";

/** @throws ProgramError naming what does not fit together */
export function validate(state: SchedulerState): void {
  for (const task of state.tasks.values()) validateTask(state, task);
  validateCounts(state);
  for (const worker of state.workers.values()) validateWorker(state, worker);
  validateClients(state);
  validateQueues(state);
  validateTotals(state);
  for (const [actor, home] of state.actors) {
    const isKnown = state.tasks.get(actor.key) === actor && isSet(actor, flag.actor);
    assert(isKnown, `${actor.key} counts as an actor`);
    const isHome = home === null ? actor.state !== "memory" : has(actor.whoHas, home);
    assert(isHome, `${actor.key} does not live where it is said to`);
  }
  validateExtensions(state.extensions);
  validateErrands(state);
  assert(state.ready.length === 0, "tasks are ready between steps");
}

/** The tasks that a step touched, forgotten ones included. */
export function validateTouched(state: SchedulerState, tasks: readonly Task[]): void {
  for (const task of tasks) {
    if (task.state === "forgotten") validateForgotten(state, task);
    else validateTask(state, task);
  }
  assert(state.ready.length === 0, "tasks are ready between steps");
}

function validateForgotten(state: SchedulerState, task: Task): void {
  assert(state.tasks.get(task.key) !== task, `${task.key} is forgotten and in the table`);
  const bare = task.dependencies === null && task.dependents === null && task.whoHas === null;
  assert(bare && task.whoWants === null, `${task.key} is forgotten and still linked`);
}

function validateTask(state: SchedulerState, task: Task): void {
  const name = `${task.key} (${task.state})`;
  assert(state.tasks.get(task.key) === task, `${name} is not in the table`);
  assert(task.flags >> recommendationShift === 0, `${name} has an open recommendation`);
  assert(!isSet(task, flag.inReady), `${name} is listed as ready between steps`);
  validateRelations(task, name);
  validateState(state, task, name);
  assert(state.groups.get(task.group.name) === task.group, `${name}: its group is unknown`);
  const { constraint } = task;
  assert(state.constraints.get(constraint.id) === constraint, `${name}: unknown constraint`);
}

function validateRelations(task: Task, name: string): void {
  let waitingOn = 0;
  for (const dependency of each(task.dependencies)) {
    assert(has(dependency.dependents, task), `${name}: ${dependency.key} has no such dependent`);
    assert(dependency.state !== "forgotten", `${name} depends on forgotten ${dependency.key}`);
    if (dependency.whoHas === null) waitingOn += 1;
  }
  let waiters = 0;
  for (const dependent of each(task.dependents)) {
    assert(has(dependent.dependencies, task), `${name}: ${dependent.key} does not depend on it`);
    if (isActive(dependent.state)) waiters += 1;
  }
  assert(waiters === task.waiters, `${name} has ${waiters} waiters, not ${task.waiters}`);
  if (task.state === "waiting") {
    assert(waitingOn === task.waitingOn, `${name} waits for ${waitingOn}, not ${task.waitingOn}`);
    assert(waitingOn > 0, `${name} waits for nothing`);
  } else {
    assert(task.waitingOn === 0, `${name} counts what it waits for`);
    if (isActive(task.state)) assert(waitingOn === 0, `${name} runs without its inputs`);
  }
  for (const worker of each(task.whoHas)) {
    assert(worker.hasWhat.has(task) && worker.link >= 0, `${name}: ${worker.address} lacks it`);
  }
  for (const client of each(task.whoWants)) {
    assert(client.wants.has(task), `${name}: ${client.id} does not want it`);
  }
}

function validateState(state: SchedulerState, task: Task, name: string): void {
  const { flight, constraint } = task;
  assert((task.state === "processing") === (flight !== null), `${name}: flight is off`);
  assert((task.state === "memory") === (task.whoHas !== null), `${name}: replicas are off`);
  if (isActive(task.state)) assert(isNeeded(task), `${name}: nobody needs it`);
  if (flight !== null) {
    assert(flight.worker.processing.has(task), `${name}: its worker does not process it`);
    assert(state.workers.get(flight.worker.address) === flight.worker, `${name}: worker gone`);
  }
  const unrunnable = constraint.unrunnable.has(task);
  assert((task.state === "no-worker") === unrunnable, `${name}: unrunnable list is off`);
  assert(state.lonely.has(task) === isSet(task, flag.lonely), `${name}: lonely is off`);
  if (task.state === "queued" && !isSet(task, flag.lonely)) {
    assert(isSet(task, flag.inQueue), `${name} is in no queue`);
    assert(state.queued.has(constraint), `${name}: its constraint is not listed as queued`);
  }
  if (task.state === "erred") assert(task.rare?.blame != null, `${name} has nobody to blame`);
}

function validateWorker(state: SchedulerState, worker: WorkerState): void {
  const name = worker.address;
  let load = 0;
  let cost = 0;
  let long = 0;
  let held = 0;
  for (const task of worker.processing) {
    assert(task.flight?.worker === worker, `${name} processes ${task.key}, which is elsewhere`);
    load += task.flight.loadUs;
    cost += task.flight.costUs;
    if (task.flight.longRunning) long += 1;
  }
  for (const task of worker.hasWhat) {
    assert(has(task.whoHas, worker), `${name} holds ${task.key}, which does not know`);
    held += bytesOf(task);
  }
  assert(load === worker.loadUs, `${name}: load is ${worker.loadUs}, not ${load}`);
  assert(cost === worker.occupancyUs, `${name}: occupancy is ${worker.occupancyUs}, not ${cost}`);
  assert(long === worker.longRunning, `${name}: long-running is off`);
  assert(held === worker.heldBytes, `${name} holds ${held} bytes, not ${worker.heldBytes}`);
  assert(worker.bucket === bucketOf(worker), `${name} is in the wrong bucket`);
  assert(state.workerOfLink.get(worker.link) === worker, `${name}: its link is another's`);
  const crowded = busyCount(worker) > worker.nthreads;
  assert(state.crowded.has(worker) === crowded, `${name}: crowded is off`);
  const buckets = state.open.get(worker.lang);
  const filed = worker.bucket < 0 || buckets?.sets[worker.bucket]?.has(worker) === true;
  assert(filed, `${name} is not in its bucket`);
}

function validateClients(state: SchedulerState): void {
  for (const client of state.clients.values()) {
    for (const task of client.wants) {
      assert(has(task.whoWants, client), `${client.id} wants ${task.key}, which does not know`);
    }
    if (client.link >= 0) {
      assert(state.clientOfLink.get(client.link) === client, `${client.id}: link is another's`);
    }
  }
}

function validateErrands({ errands, workers, clients }: SchedulerState): void {
  const counts = new Map<unknown, number>();
  for (const errand of errands.open.values()) {
    counts.set(errand.doer, (counts.get(errand.doer) ?? 0) + 1);
    const waits = errands.waiting.has(errand);
    assert(waits === (errand.doer === null), `errand ${errand.id} waits, or somebody is at it`);
  }
  assert((counts.get(null) ?? 0) === errands.waiting.size, "an errand waits that is not known");
  let known = 0;
  for (const one of errands.workers.values()) known += one.size;
  for (const worker of workers.values()) {
    const count = counts.get(worker) ?? 0;
    assert(worker.errands === count, `${worker.address} is at ${count} errands`);
    if (!runsPython(worker)) continue;
    known -= 1;
    const same = errands.workers.get(worker.versions.dask ?? "");
    assert(same?.has(worker) === true, `${worker.address} is not known to run Python`);
  }
  assert(known === 0, "workers that are gone are known to run Python");
  for (const { id, pending } of clients.values()) {
    for (const [place, one] of pending.entries()) {
      if (one.type !== "unfolding") continue;
      assert(place === 0 && errands.open.has(one.errandId), `${id} waits for nobody`);
    }
  }
}

function validateQueues(state: SchedulerState): void {
  const sizes = new Map<unknown, number>();
  let lonely = 0;
  for (const task of state.tasks.values()) {
    if (task.state !== "queued") continue;
    if (isSet(task, flag.lonely)) lonely += 1;
    else sizes.set(task.constraint, (sizes.get(task.constraint) ?? 0) + 1);
  }
  assert(lonely === state.lonely.size, "the number of lonely tasks is off");
  for (const constraint of state.constraints.values()) {
    const size = sizes.get(constraint) ?? 0;
    assert(constraint.queue.size === size, `queue of ${constraint.id} has ${size} tasks`);
    assert(state.queued.has(constraint) === size > 0, `${constraint.id}: listed as queued`);
  }
}

function validateCounts(state: SchedulerState): void {
  const total = stateNames.map(() => 0);
  const ofPrefix = new Map<TaskPrefix, number[]>();
  for (const task of state.tasks.values()) {
    const { prefix } = task.group;
    assert(state.prefixes.get(prefix.name) === prefix, `${task.key}: its prefix is unknown`);
    const counts = ofPrefix.get(prefix) ?? stateNames.map(() => 0);
    ofPrefix.set(prefix, counts);
    const code = codeOf(task.state);
    counts[code] = (counts[code] as number) + 1;
    total[code] = (total[code] as number) + 1;
  }
  for (const [code, name] of stateNames.entries()) {
    assert(total[code] === state.counters.states[name], `counter of ${name} is off`);
    for (const prefix of state.prefixes.values()) {
      const count = ofPrefix.get(prefix)?.[code] ?? 0;
      assert(count === prefix.states[code], `${prefix.name}: its counter of ${name} is off`);
    }
  }
}

function validateTotals(state: SchedulerState): void {
  let threads = 0;
  for (const worker of state.workers.values()) threads += worker.nthreads;
  assert(threads === state.totalThreads, `there are ${threads} threads`);
  for (const buckets of state.open.values()) {
    let size = 0;
    for (const set of buckets.sets) size += set.size;
    assert(size === buckets.size, "the number of open workers is off");
  }
  const slabs = new Map<unknown, number>();
  for (const task of state.tasks.values()) {
    const slab = task.spec;
    if (slab !== null && "live" in slab) slabs.set(slab, (slabs.get(slab) ?? 0) + 1);
  }
  for (const [slab, live] of slabs) {
    assert((slab as { live: number }).live === live, "a slab counts its tasks wrongly");
  }
}
