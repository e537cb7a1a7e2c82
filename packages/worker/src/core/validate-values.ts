// The part of the validation that is about values: where they are, what they weigh, who needs
// them, and what is parked until they come.
import { assert } from "@acme/protocol";
import type { WorkerState } from "./state.js";
import type { Task } from "./task.js";

/** @throws ProgramError naming the first promise found broken */
export function validateValues(state: WorkerState): void {
  const pins = new Map<Task, number>();
  const addPin = (task: Task): void => {
    pins.set(task, (pins.get(task) ?? 0) + 1);
  };
  for (const task of state.tasks.values()) {
    if (task.pinsInputs) task.dependencies.forEach(addPin);
    const mayPin = task.order !== null || state.loading.has(task) || task.heapIndex >= 0;
    assert(!task.pinsInputs || mayPin, `${task.key} pins only while it runs or is about to`);
    if (state.loading.has(task)) validateLoading(task);
  }
  for (const serving of state.servings.values()) serving.tasks.forEach(addPin);
  for (const task of state.tasks.values()) {
    assert(task.pins === (pins.get(task) ?? 0), `the pins of ${task.key} are counted`);
    const idle = task.pins === 0 && task.place === "memory";
    assert(state.idle.has(task) === idle, `${task.key} is idle when nobody needs it`);
    const inFile = idle && task.inFile;
    assert(state.idleInFile.has(task) === inFile, `${task.key} is known to need no writing`);
    const away = task.place === "disk" || task.place === "loading";
    assert(!away || task.inFile, `${task.key} is away only into a file`);
    assert(!task.inFile || task.place !== "spilling", `${task.key} is written once`);
    const comes = task.place === "loading" || task.place === "spilling";
    assert(task.waiters === null || task.waiters.size === 0 || comes, "only coming is awaited");
  }
  for (const task of state.unheard) assert(task.place !== null, `${task.key} is here, unheard of`);
  assert(state.link === null || state.unheard.size === 0, "what came unheard was announced");
  validateSums(state);
  validateServings(state);
}

function validateLoading(task: Task): void {
  let awaited = 0;
  for (const input of task.dependencies) if (input.waiters?.has(task)) awaited += 1;
  assert(task.loading === awaited && awaited > 0, `${task.key} counts what it loads`);
}

function validateSums(state: WorkerState): void {
  let memory = 0;
  let disk = 0;
  let spilled = 0;
  let spilling = 0;
  let spillingBytes = 0;
  for (const task of state.tasks.values()) {
    if (task.place === null) continue;
    if (task.place === "disk") spilled += task.nbytes;
    else memory += task.nbytes;
    if (task.inFile) disk += task.diskBytes;
    if (task.place !== "spilling") continue;
    spilling += 1;
    spillingBytes += task.nbytes;
  }
  assert(state.memoryBytes === memory, "bytes in memory are summed");
  assert(state.diskBytes === disk, "bytes on disk are summed");
  assert(state.spilledBytes === spilled, "bytes away from memory are summed");
  assert(state.spilling === spilling, "spills are counted");
  assert(state.spillingBytes === spillingBytes, "bytes being spilled are summed");
  assert(state.spilling <= state.limits.spillsAtOnce, "spills are bounded");
}

function validateServings(state: WorkerState): void {
  let outgoing = 0;
  for (const { nbytes } of state.servings.values()) outgoing += nbytes;
  assert(state.outgoingBytes === outgoing, "bytes being served are summed");
  for (const serving of state.servings.values()) {
    let coming = 0;
    for (const task of serving.tasks) if (task.waiters?.has(serving)) coming += 1;
    assert(serving.waiting === coming, "a request counts what it waits for");
  }
  for (const asking of state.askings.values()) {
    assert(asking.awaited.size > 0, "an answered request is not parked");
    for (const task of asking.awaited) {
      assert(task.askings?.has(asking), `${task.key} knows who asked for it`);
    }
  }
}
