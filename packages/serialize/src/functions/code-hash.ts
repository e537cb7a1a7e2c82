// Whether two packed functions do the same: by their text, what they import and capture, and not by
// where the text stands, since a line added above a function changes nothing in it.

import { packGraph, unpackDocument } from "../values/document.js";
import { hashFrames } from "../values/frame-hash.js";

/** What a source record says of the place of its text. */
const nowhere = { url: "", line: 0, column: 0, mapped: false };

/**
 * A hash of what a packed function does. Unlike the hash of its frames it is the same when only the
 * place of the function has changed. Of a function that travels by reference it is its module's
 * content that counts.
 *
 * @param frames - those of a function packed by `packFunction`
 * @throws FunctionShipError with code BAD_DOCUMENT
 * @example
 * ```ts
 * const before = codeHash((await packFunction(f)).frames);
 * ```
 */
export function codeHash(frames: readonly Uint8Array[]): string {
  const document = unpackDocument(frames[0]);
  if (document.plain) return hashFrames(frames);
  const { root, functions, segments } = document;
  const table = [...document.table];
  for (const index of functions) table[index] = withoutPlace(table[index]);
  return hashFrames([packGraph({ root, table, functions, segments }), ...frames.slice(1)]);
}

/** A node is a list whose third entry is the record of a function; others stay as they are. */
function withoutPlace(node: unknown): unknown {
  if (!Array.isArray(node)) return node;
  const record: unknown = node[2];
  if (typeof record !== "object" || record === null || !("text" in record)) return node;
  return node.with(2, { ...record, ...nowhere });
}
