// The elements of one array over all calls, as they lie in memory or in a file: where each result
// goes along the dimension of the calls, padded where results differ in length. Knows no files.
import { missingElement } from "@acme/hdf5";
import { mapLimits } from "./map-limits.js";
import type { ResultLayout } from "./result-layout.js";

/** The elements of one result, in C order. */
export interface ElementSource {
  readonly shape: readonly number[];
  /** `length` bytes from byte `at` on. */
  read(at: number, length: number): Uint8Array | Promise<Uint8Array>;
}

/** A result per call; undefined where there is none. */
export type ElementSources = readonly (ElementSource | undefined)[];

/** Shape of the whole. */
export function stackedShape(layout: ResultLayout, sources: ElementSources): number[] {
  return presentSlot(layout, sources).toSpliced(layout.stackAt, 0, sources.length);
}

/** Length of each result where lengths may differ; undefined where they may not. */
export function raggedLengths(
  { slot }: ResultLayout,
  shapes: readonly (readonly number[] | undefined)[],
): number[] | undefined {
  const growsAt = slot.indexOf(Number.POSITIVE_INFINITY);
  return growsAt < 0 ? undefined : shapes.map((shape) => shape?.[growsAt] ?? 0);
}

/** The elements of the whole, made when they are asked for. */
export interface StackedElements {
  /** How many bytes they are. */
  readonly length: number;
  blocks(): AsyncIterable<Uint8Array>;
}

/** All elements, a limited number of bytes at a time. */
export function stackedElements(layout: ResultLayout, sources: ElementSources): StackedElements {
  const slot = presentSlot(layout, sources);
  const fill = missingElement(layout.dtype);
  const outer = product(slot.slice(0, layout.stackAt));
  const rowBytes = product(slot.slice(layout.stackAt)) * fill.length;
  const length = outer * sources.length * rowBytes;
  const growsAt = layout.slot.indexOf(Number.POSITIVE_INFINITY);
  const plan: Plan = { slot, growsAt, outer, rowBytes, fill };
  return { length, blocks: () => (length === 0 ? nothing() : blocksOf(sources, plan)) };
}

interface Plan {
  /** Shape of a padded result. */
  readonly slot: readonly number[];
  readonly growsAt: number;
  /** Pieces that a result is cut into, and the bytes of each. */
  readonly outer: number;
  readonly rowBytes: number;
  /** One element. */
  readonly fill: Uint8Array;
}

async function* nothing(): AsyncGenerator<Uint8Array> {}

async function* blocksOf(sources: ElementSources, plan: Plan): AsyncGenerator<Uint8Array> {
  const { outer, rowBytes } = plan;
  if (outer === 1) {
    for (const source of sources) yield await piece(source, plan, 0, 1);
    return;
  }
  const count = sources.length;
  const rows = Math.max(1, Math.floor(mapLimits.stackBytes / (count * rowBytes)));
  for (let from = 0; from < outer; from += rows) {
    const end = Math.min(outer, from + rows);
    const out = new Uint8Array((end - from) * count * rowBytes);
    for (let i = 0; i < count; i++) {
      const bytes = await piece(sources[i], plan, from, end);
      for (let row = 0; row < end - from; row++) {
        const at = row * rowBytes;
        out.set(bytes.subarray(at, at + rowBytes), (row * count + i) * rowBytes);
      }
    }
    yield out;
  }
}

/** Some rows of one padded result. */
async function piece(
  source: ElementSource | undefined,
  plan: Plan,
  from: number,
  end: number,
): Promise<Uint8Array> {
  const { slot, growsAt, rowBytes } = plan;
  if (source === undefined) return repeated(plan.fill, (end - from) * rowBytes);
  if (growsAt < 0 || source.shape[growsAt] === slot[growsAt]) {
    return source.read(from * rowBytes, (end - from) * rowBytes);
  }
  return (await padded(source, plan)).subarray(from * rowBytes, end * rowBytes);
}

async function padded({ shape, read }: ElementSource, plan: Plan): Promise<Uint8Array> {
  const { slot, growsAt, fill } = plan;
  const lines = product(slot.slice(0, growsAt));
  const after = product(slot.slice(growsAt + 1)) * fill.length;
  const bytes = (shape[growsAt] as number) * after;
  const room = (slot[growsAt] as number) * after;
  const given = await read(0, lines * bytes);
  const out = repeated(fill, lines * room);
  for (let line = 0; line < lines; line++) {
    out.set(given.subarray(line * bytes, (line + 1) * bytes), line * room);
  }
  return out;
}

function repeated(fill: Uint8Array, bytes: number): Uint8Array {
  // An empty pattern cannot be repeated, and zeros need not be.
  return fill.every((byte) => byte === 0) ? new Uint8Array(bytes) : Buffer.alloc(bytes, fill);
}

function presentSlot({ slot }: ResultLayout, sources: ElementSources): number[] {
  const growsAt = slot.indexOf(Number.POSITIVE_INFINITY);
  let longest = 0;
  for (const source of sources) longest = Math.max(longest, source?.shape[growsAt] ?? 0);
  return slot.map((size, at) => (at === growsAt ? longest : size));
}

const product = (sizes: readonly number[]): number => sizes.reduce((all, size) => all * size, 1);
