// Values as the simulation knows them: a hash of the task and its inputs, the key it belongs to,
// and a size that it pretends to have. A wrong, stale or foreign input changes the hash.
import { Serialized, type TaskKey } from "@acme/protocol";

export interface SimValue {
  readonly hash: number;
  readonly keyHash: number;
  /** Bytes that it pretends to have. */
  readonly nbytes: number;
}

export function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

export const mix = (hash: number, value: number): number =>
  (Math.imul(hash ^ value, 0x85ebca6b) ^ (hash >>> 13)) >>> 0;

export function packValue(value: SimValue): Serialized {
  return Serialized.acme([packNumbers(value.hash, value.keyHash, value.nbytes)]);
}

export function unpackValue(payload: Serialized): SimValue {
  const [hash, keyHash, nbytes] = unpackNumbers(payload.frames[0] as Uint8Array);
  return { hash: hash as number, keyHash: keyHash as number, nbytes: nbytes as number };
}

/** The error that a task raises: it names the task. */
export const packError = (key: TaskKey): Serialized =>
  new Serialized({ serializer: "acme", sim: "error" }, [packNumbers(hashText(key))]);

/** Whose error it is, or null if it is not one of ours (the scheduler makes its own). */
export function errorOwner(error: Serialized): number | null {
  // A Python client is told in words.
  if (error.header.get("code") === "JS_ERROR") {
    return hashText(String(error.header.get("message")).replace(/ failed$/, ""));
  }
  if (error.header.get("sim") !== "error") return null;
  return unpackNumbers(error.frames[0] as Uint8Array)[0] as number;
}

export function packNumbers(...numbers: number[]): Uint8Array {
  const bytes = new Uint8Array(4 * numbers.length);
  const view = new DataView(bytes.buffer);
  for (const [index, each] of numbers.entries()) view.setUint32(4 * index, each, true);
  return bytes;
}

export function unpackNumbers(bytes: Uint8Array): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: bytes.byteLength / 4 }, (_, i) => view.getUint32(4 * i, true));
}
