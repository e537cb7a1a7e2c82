// Puts a task's call together: the function, kept from earlier tasks of the same call, shared
// arguments, fresh for every task because inputs are private, and the task's own values.

import { serializeLimits } from "../limits.js";
import { type LoadedFunction, loadFunction } from "../load/load-function.js";
import { LruMap } from "../lru-map.js";
import { isPromise, type MaybePromise, whenReady } from "../maybe-promise.js";
import type { DecodeOptions } from "../values/decode.js";
import { decodeValue } from "../values/decode-value.js";
import { badDocument, unpackDocument, unpackHeader } from "../values/document.js";
import { mark, tag } from "../values/tags.js";

/** A call ready to be made. */
export interface DecodedCall {
  readonly fn: LoadedFunction;
  readonly args: readonly unknown[];
}

interface Layout {
  readonly hash: string;
  readonly functionFrames: readonly Uint8Array[];
  readonly argumentFrames: readonly Uint8Array[];
  /** For arguments that are only items and plain constants: how to put them together. */
  readonly recipe: readonly Ingredient[] | undefined;
}

type Ingredient = { readonly item: number } | { readonly value: unknown };

const layouts = new WeakMap<Uint8Array, Layout>();
const functions = new LruMap<string, LoadedFunction>(serializeLimits.loadedTemplates);

/**
 * Decodes one task's call from its template and its row. Comes at once, without a promise, when
 * the function is loaded already and no module is missing.
 *
 * @param templateFrames - frames made by `encodeTemplate`
 * @param itemFrames - frames of one row made by `encodeItems`
 * @param options - how futures are resolved, and whether buffers are private copies
 * @throws FunctionShipError when a module is missing, differs or fails on this host
 * @example
 * ```ts
 * const { fn, args } = await decodeCall(template.frames, row.frames, {});
 * const result = await fn(...args);
 * ```
 */
export function decodeCall(
  templateFrames: readonly Uint8Array[],
  itemFrames: readonly Uint8Array[],
  options: DecodeOptions = {},
): MaybePromise<DecodedCall> {
  const layout = layoutOf(templateFrames);
  // Arguments first: should they be unreadable, no load of the function is left behind unwatched.
  const args = decodeArguments(layout, itemFrames, options);
  const fn = functions.get(layout.hash) ?? loadAndKeep(layout, options);
  if (!isPromise(fn) && !isPromise(args)) return { fn, args };
  return Promise.all([fn, args]).then(([loaded, decoded]) => ({ fn: loaded, args: decoded }));
}

function layoutOf(frames: readonly Uint8Array[]): Layout {
  const [header] = frames;
  if (header === undefined) throw badDocument("a call template has no frames");
  let layout = layouts.get(header);
  if (layout === undefined) {
    const parts = unpackHeader(header);
    if (!Array.isArray(parts) || typeof parts[0] !== "string" || typeof parts[1] !== "number") {
      throw badDocument("its header is not that of a call template");
    }
    const split = 1 + parts[1];
    const argumentFrames = frames.slice(split);
    layout = {
      hash: parts[0],
      functionFrames: frames.slice(1, split),
      argumentFrames,
      recipe: recipeOf(argumentFrames),
    };
    layouts.set(header, layout);
  }
  return layout;
}

/** Most calls share no object: their arguments need no document to be read for every task. */
function recipeOf(frames: readonly Uint8Array[]): Ingredient[] | undefined {
  const document = unpackDocument(frames[0]);
  if (document.plain || !Array.isArray(document.root)) return undefined;
  const recipe: Ingredient[] = [];
  for (const node of document.root as readonly unknown[]) {
    if (typeof node !== "object" || node === null) recipe.push({ value: node });
    else if (Array.isArray(node) && node[0] === mark && node[1] === tag.item) {
      recipe.push({ item: node[2] as number });
    } else return undefined;
  }
  return recipe;
}

async function loadAndKeep(layout: Layout, options: DecodeOptions): Promise<LoadedFunction> {
  const { hash, functionFrames } = layout;
  const fn = await loadFunction(functionFrames, { resolveRef: options.resolveRef, hash });
  functions.set(hash, fn);
  return fn;
}

function decodeArguments(
  layout: Layout,
  itemFrames: readonly Uint8Array[],
  options: DecodeOptions,
): MaybePromise<readonly unknown[]> {
  const row = decodeValue(itemFrames, options) as MaybePromise<readonly unknown[]>;
  const { recipe } = layout;
  return whenReady(row, (items) => {
    if (recipe !== undefined) {
      return recipe.map((part) => ("item" in part ? items[part.item] : part.value));
    }
    const shared = { ...options, items };
    return decodeValue(layout.argumentFrames, shared) as MaybePromise<readonly unknown[]>;
  });
}
