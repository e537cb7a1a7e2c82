// Placeholders for what differs between the tasks of one map call.
// What is put in their place is known only where the call is decoded, row by row.

import type { GraphEncoder } from "../values/encode.js";
import { mark, tag } from "../values/tags.js";

/** Stands for the n-th per-task value in the arguments of a template. */
export class Item {
  readonly index: number;

  constructor(index: number) {
    this.index = index;
  }
}

/**
 * A placeholder for the `index`-th value of a task's row, for use in the arguments of
 * {@link encodeTemplate}.
 *
 * @example
 * ```ts
 * await encodeTemplate({ fn: scale, args: [item(0), { factor: 2 }] });
 * ```
 */
export function item(index: number): Item {
  return new Item(index);
}

/** Writes the shared arguments of a template; placeholders only stand at the top. */
export function writeArguments(encoder: GraphEncoder, args: readonly unknown[]): unknown[] {
  const node: unknown[] = new Array(args.length).fill(null);
  args.forEach((value, at) => {
    if (value instanceof Item) node[at] = [mark, tag.item, value.index];
    else encoder.put(node as never, at, value, [{ phrase: `argument ${at}` }]);
  });
  return node;
}
