// The executor room as the shell sees it: one class, its options, its events, and what a task can
// ask about itself. Everything else in this folder is its own business.
//
// The shell builds one `Executors`, queues each event for its next turn, hands `out.exec` to
// `apply` after every step (after `out.store`), and after a step that saw an `ok` outcome calls
// `takeResult(orderId)` once, for the store to keep or for nobody.
//
// User code finds the task it runs in (`CurrentTask`: key, workerAddress, signal, isCancelled,
// secede, reschedule) at `globalThis[Symbol.for("acme.task")]`, in threads and processes alike.
export { endsForMemory } from "./child-executor.js";
export { Executors } from "./executors.js";
export { GarbageWatch } from "./garbage.js";
export { Translator } from "./translator.js";
export type { ExecEvent, ExecutorsOptions } from "./types.js";
