// Keys of calls: by content, so that the same call is one task whoever makes it, or unique.
// Corresponds to dask's `tokenize` as used by `submit` and `map`.
import { createHash, hash, randomUUID } from "node:crypto";
import { type TaskKey, taskKey } from "@acme/protocol";
import type { PackedTemplate, PackedValue } from "./call-batch.js";

const hashLength = 32;
const scratchBytes = 4096;

/** Name in keys of functions that have none. */
const nameless = "anonymous";

/** Keys `<name>-<hash>` of the calls of one template, from template and argument bytes. */
export function contentKeys(template: PackedTemplate, items: readonly PackedValue[]): TaskKey[] {
  const seed = Buffer.from(template.id, "latin1");
  const scratch = Buffer.alloc(scratchBytes);
  scratch.set(seed, 0);
  return items.map(({ frames }) => {
    const document = frames[0] as Uint8Array;
    const end = seed.length + document.byteLength;
    let text: string;
    if (frames.length === 1 && end <= scratchBytes) {
      // One call of the hash costs less than half of three, and this is the case of large maps.
      scratch.set(document, seed.length);
      text = hash("sha256", scratch.subarray(0, end), "hex");
    } else {
      text = hashFrames(seed, frames);
    }
    return taskKey(`${template.name || nameless}-${text.slice(0, hashLength)}`);
  });
}

function hashFrames(seed: Uint8Array, frames: readonly Uint8Array[]): string {
  const sum = createHash("sha256").update(seed);
  // Lengths keep two frames apart from one that is their concatenation.
  for (const frame of frames) sum.update(`${frame.byteLength}:`).update(frame);
  return sum.digest("hex");
}

/** A key that no other call has. */
export const uniqueKey = (name: string): TaskKey => taskKey(`${name}-${randomUUID()}`);

/** Keys of a list of calls that no other list has. */
export function uniqueKeys(name: string, count: number): TaskKey[] {
  const prefix = `${name}-${randomUUID()}`;
  return Array.from({ length: count }, (_, i) => taskKey(`${prefix}-${i}`));
}

/** The name of a function as it stands in keys and in the dashboard. */
export const functionName = (fn: { readonly name: string }): string => fn.name || nameless;
