// What an encoded value looks like to the rest of acme, and how one document becomes frames.
// Must not know where frames go; how a value is walked is left to encode.ts.

import type { FunctionWarning } from "../functions/warnings.js";
import { packGraph, packPlain } from "./document.js";
import type { GraphEncoder } from "./encode.js";
import type { DocumentNode } from "./tags.js";

/** A value ready to travel. Frames alias the memory of the buffers they came from. */
export interface EncodedValue {
  /** The document, then the large buffers it refers to. */
  readonly frames: readonly Uint8Array[];
  /** Keys of remote values (futures) met inside, in order, possibly repeated. */
  readonly refs: readonly string[];
  /** What a user should know about functions inside. */
  readonly warnings: readonly FunctionWarning[];
}

const none: readonly never[] = [];

/** Wraps data that msgpack keeps exactly. */
export function plainValue(value: unknown): EncodedValue {
  return { frames: [packPlain(value)], refs: none, warnings: none };
}

/** Closes a walk: lays out its buffers and packs its document. */
export function finishValue(
  encoder: GraphEncoder,
  root: DocumentNode,
  warnings: readonly FunctionWarning[] = none,
): EncodedValue {
  const frames: Uint8Array[] = [new Uint8Array()];
  const segments = encoder.buffers.layOut(frames);
  frames[0] = packGraph(encoder.finish(root, segments));
  return { frames, refs: encoder.refs.length === 0 ? none : encoder.refs, warnings };
}

/** Bytes of all frames together. */
export function framesBytes(frames: readonly Uint8Array[]): number {
  return frames.reduce((total, frame) => total + frame.byteLength, 0);
}
