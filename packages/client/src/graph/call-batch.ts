// What a graph is made from: calls of one template that share their options. Values are packed
// already; nothing here knows how.
import type { ConstraintSpec, TaskKey } from "@acme/protocol";

/** A value as packed: a document, then large buffers; and the keys of futures met inside. */
export interface PackedValue {
  readonly frames: readonly Uint8Array[];
  readonly refs: readonly string[];
}

/** A function with its shared arguments, named by a hash of its content. */
export interface PackedTemplate extends PackedValue {
  readonly id: string;
  readonly name: string;
  /** The scheduler has it, by a task that this client still desires: its name will do. */
  readonly isThere?: boolean | undefined;
  /**
   * The frames are head and tail of a pickle, and memory beside it: for workers of Python, or on a
   * scheduler of dask's own for workers of ours.
   */
  readonly lang?: "py" | "js" | undefined;
}

/** What all calls of a batch have in common. */
export interface BatchOptions {
  /** null: any worker will do. */
  readonly constraint: ConstraintSpec | null;
  readonly retries: number;
  readonly userPriority: number;
}

/** Calls of one template; `keys[i]` names the call with `items[i]`. */
export interface CallBatch {
  readonly template: PackedTemplate;
  readonly keys: readonly TaskKey[];
  readonly items: readonly PackedValue[];
  /** Whether the client wants these results; others live as long as somebody needs them. */
  readonly desired: boolean;
  readonly options: BatchOptions;
}

export const itemBytes = (item: PackedValue): number => (item.frames[0] as Uint8Array).byteLength;

export function packedBytes(value: PackedValue): number {
  let sum = 0;
  for (const frame of value.frames) sum += frame.byteLength;
  return sum;
}
