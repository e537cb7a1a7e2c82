// Refuses values that mean something in one process only: promises, weak collections, running
// generators, sockets and other handles.

import { EventEmitter } from "node:events";
import { types } from "node:util";
import type { GraphEncoder } from "./encode.js";

interface LiveKind {
  readonly what: string;
  readonly hint: string;
}

const awaitIt: LiveKind = {
  what: "a Promise, which settles in this process alone",
  hint: "await it first and pass the result",
};
const weak: LiveKind = {
  what: "a weak reference or weak collection, whose contents cannot be listed",
  hint: "pass a Map, a Set or the object itself",
};
const running: LiveKind = {
  what: "a running generator or iterator, whose position cannot be copied",
  hint: "pass the generator function, or collect its values into an array first",
};

const iteratorTags: ReadonlySet<string> = new Set([
  "[object Array Iterator]",
  "[object String Iterator]",
  "[object RegExp String Iterator]",
  "[object Iterator Helper]",
]);

/** Throws LIVE_OBJECT for the kinds that can be told by themselves. */
export function refuseLive(encoder: GraphEncoder, value: object): void {
  const kind = liveKind(value);
  if (kind !== undefined) {
    throw encoder.refuse("LIVE_OBJECT", `value is ${kind.what}`, kind.hint);
  }
}

function liveKind(value: object): LiveKind | undefined {
  if (types.isPromise(value)) return awaitIt;
  if (types.isWeakMap(value) || types.isWeakSet(value) || isWeakRef(value)) return weak;
  if (types.isGeneratorObject(value) || types.isMapIterator(value) || types.isSetIterator(value)) {
    return running;
  }
  if (iteratorTags.has(Object.prototype.toString.call(value))) return running;
  if (value instanceof EventEmitter || value instanceof EventTarget || types.isExternal(value)) {
    return handle(value);
  }
  return undefined;
}

function isWeakRef(value: object): boolean {
  return value instanceof WeakRef || value instanceof FinalizationRegistry;
}

/** The wording for a handle, by the name of its class. */
export function handle(value: object): LiveKind {
  const name: unknown = (value as { constructor?: { name?: unknown } }).constructor?.name;
  const label = typeof name === "string" && name !== "" ? name : "native";
  return {
    what: `a live ${label} object, which belongs to this process`,
    hint: "open it inside the function, or once per worker with perWorker(() => ...)",
  };
}
