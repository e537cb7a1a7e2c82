// What tasks of a native graph share: a template (function and shared arguments, by content
// hash) and slabs that hold the items of many calls in one buffer. A slab lives as long as one of
// its tasks, a template as long as one of its slabs.
import { Pickled, type Serialized } from "@acme/protocol";
import type { Task } from "./task.js";

export class Template {
  readonly id: string;
  readonly name: string;
  readonly body: Serialized;
  /** Live slabs that use it. */
  slabs = 0;

  constructor(id: string, name: string, body: Serialized) {
    this.id = id;
    this.name = name;
    this.body = body;
  }

  /**
   * True if its tasks are for Python: the body is then the head and the tail of a pickle, and memory
   * that goes with it, and an item is what stands between.
   */
  get isPickle(): boolean {
    return this.body.header.get("serializer") === "pickle";
  }
}

/** The pickle of one task. Knows no opcode: the client has cut it so that its parts fit together. */
export function joinedPickle(
  { body }: Template,
  item: Uint8Array,
  buffers: Serialized | null,
): Pickled {
  const [head, tail, ...common] = body.frames as readonly [Uint8Array, Uint8Array];
  const pickle = new Uint8Array(head.length + item.length + tail.length);
  pickle.set(head, 0);
  pickle.set(item, head.length);
  pickle.set(tail, head.length + item.length);
  return Pickled.of(pickle, buffers === null ? common : [...common, ...buffers.frames]);
}

export class Slab {
  /** u32 offsets, one more than there are items. */
  readonly offsets: Uint32Array;
  readonly bytes: Uint8Array;
  /** One for all items, or one per item. */
  readonly templates: Template | readonly Template[];
  /** Large buffers of the few items that have some. */
  readonly buffers: Map<number, Serialized> | null;
  /** Tasks that are not forgotten. */
  live = 0;

  constructor(init: {
    offsets: Uint32Array;
    bytes: Uint8Array;
    templates: Template | readonly Template[];
    buffers: Map<number, Serialized> | null;
  }) {
    this.offsets = init.offsets;
    this.bytes = init.bytes;
    this.templates = init.templates;
    this.buffers = init.buffers;
  }
}

/** The template of a task of a native graph, or null. */
export function templateOf(task: Task): Template | null {
  const slab = task.spec;
  if (!(slab instanceof Slab)) return null;
  const templates = slab.templates;
  return templates instanceof Template ? templates : (templates[task.item] ?? null);
}

/** True for tasks of ours on our workers, which can run them alone. */
export function isNative(task: Task): boolean {
  const template = templateOf(task);
  return template !== null && !template.isPickle;
}
