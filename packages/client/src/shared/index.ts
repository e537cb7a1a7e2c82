// What clients share by name through the scheduler.
// All of it interoperates with dask's objects of the same names.
export { Event } from "./event.js";
export { Queue, type QueueOptions } from "./queue.js";
export { Lock, Semaphore, type SemaphoreOptions } from "./semaphore.js";
export type { SharedValue } from "./shared-values.js";
export { Variable } from "./variable.js";
