// Keys of calls: by content, so that the same call is one task whoever makes it, or unique.
// Corresponds to dask's `tokenize` as used by `submit` and `map`.
import { hash, randomUUID } from "node:crypto";
import { type TaskKey, taskKey } from "@acme/protocol";
import type { PackedTemplate, PackedValue } from "./call-batch.js";

const hashLength = 32;

/** Keys `<name>-<hash>` of the calls of one template, from template and argument bytes. */
export function contentKeys(template: PackedTemplate, items: readonly PackedValue[]): TaskKey[] {
  const seed = Buffer.from(template.id, "latin1");
  let scratch = Buffer.alloc(1024);
  return items.map(({ frames }) => {
    let end = seed.length;
    for (const frame of frames) end += 8 + frame.byteLength;
    if (end > scratch.length) scratch = Buffer.alloc(end * 2);
    scratch.set(seed, 0);
    let at = seed.length;
    for (const frame of frames) {
      // Lengths keep two frames apart from one that is their concatenation.
      scratch.writeDoubleLE(frame.byteLength, at);
      scratch.set(frame, at + 8);
      at += 8 + frame.byteLength;
    }
    const text = hash("sha256", scratch.subarray(0, end), "hex");
    return taskKey(`${template.name}-${text.slice(0, hashLength)}`);
  });
}

/** A key that no other call has. */
export const uniqueKey = (name: string): TaskKey => taskKey(`${name}-${randomUUID()}`);

/** Keys of a list of calls that no other list has. */
export function uniqueKeys(name: string, count: number): TaskKey[] {
  const prefix = `${name}-${randomUUID()}`;
  return Array.from({ length: count }, (_, i) => taskKey(`${prefix}-${i}`));
}

/** The name of a function as it stands in keys and in the dashboard. */
export const functionName = (fn: { readonly name: string }): string => fn.name || "anonymous";
