// Virtual datasets: a table of (source file, dataset, selections) instead of elements.
// Must not look at the source files: they may be written later, or elsewhere.
import { addAttributes } from "./attributes.js";
import { ByteWriter, UNDEFINED } from "./bytes.js";
import { encodeDataspace, selectAll, selectBlock } from "./dataspace.js";
import { encodeDatatype } from "./datatype.js";
import { type Dtype, isNumericDtype, parseDtype } from "./dtype.js";
import { encodeText, fillBytes } from "./elements.js";
import { missingElement } from "./encode-streamed.js";
import { Hdf5Error } from "./errors.js";
import type { FileContext } from "./file-context.js";
import { Allocate, encodeFill } from "./fill-value.js";
import { relativeFile } from "./links.js";
import { lookup3 } from "./lookup3.js";
import { MessageType, ObjectHeader } from "./object-header.js";
import type { VirtualDatasetNode, VirtualSource } from "./tree.js";

const LAYOUT_VIRTUAL = 3;

/** Writes the mapping and the header; returns the address of the header. */
export function encodeVirtualDataset(node: VirtualDatasetNode, context: FileContext): number {
  const dtype = parseDtype(node.dtype);
  checkShapes(node);
  for (const source of node.sources) checkSource(source, node);
  // A piece without elements shows nothing, and HDF5 has no block selection of size zero.
  const sources = node.sources.filter(({ count }) => !count.includes(0));
  // HDF5 1.10 cannot open an empty mapping; none at all is how libhdf5 spells it.
  const [mapping] = sources.length === 0 ? [] : context.heap.store([encodeMapping(sources)]);
  const layout = new ByteWriter().u8(4).u8(LAYOUT_VIRTUAL);
  layout.u64(mapping?.address ?? UNDEFINED).u32(mapping?.index ?? 0);
  const header = new ObjectHeader()
    .add(MessageType.dataspace, encodeDataspace(node.shape, node.maxShape))
    .addConstant(MessageType.datatype, encodeDatatype(dtype))
    .addConstant(MessageType.fillValue, encodeFill(fillOf(node, dtype), Allocate.incremental))
    .add(MessageType.layout, layout.finish());
  addAttributes(header, node.attributes ?? {}, context.heap);
  context.needsHdf5v110 = true;
  return context.body.append(header.finish());
}

function fillOf(node: VirtualDatasetNode, dtype: Dtype): Uint8Array | undefined {
  if (!isNumericDtype(dtype)) {
    throw new Hdf5Error("invalid-option", `a virtual dataset cannot hold ${dtype}; use numbers`, {
      dtype,
    });
  }
  return node.fill === undefined ? missingElement(dtype) : fillBytes(node.fill, dtype);
}

function encodeMapping(sources: readonly VirtualSource[]): Uint8Array {
  const writer = new ByteWriter(128 * (sources.length + 1)).u8(0).u64(sources.length);
  for (const source of sources) {
    // A "%" begins a printf-like block number in source names; doubled it is itself.
    writer.bytes(encodeText(relativeFile(source.file).replaceAll("%", "%%"))).u8(0);
    writer.bytes(encodeText(source.dataset.replaceAll("%", "%%"))).u8(0);
    const part = source.selection;
    writer.bytes(part === undefined ? selectAll() : selectBlock(part.start, part.count));
    writer.bytes(selectBlock(source.start, source.count));
  }
  return writer.u32(lookup3(writer.finish())).finish();
}

function checkShapes(node: VirtualDatasetNode): void {
  const { shape, maxShape } = node;
  const whole = shape.every((n) => Number.isSafeInteger(n) && n >= 0);
  const room = maxShape?.every((n, i) => n >= shape[i]!) ?? true;
  if (whole && room && shape.length > 0 && (maxShape?.length ?? shape.length) === shape.length) {
    return;
  }
  throw new Hdf5Error(
    "invalid-selection",
    `a virtual dataset cannot have shape [${shape}] and maxShape [${maxShape ?? shape}]; ` +
      "give one whole number per dimension, none above its maximum",
    { shape: shape.join(), maxShape: (maxShape ?? shape).join() },
  );
}

function checkSource(source: VirtualSource, node: VirtualDatasetNode): void {
  const { start, count, selection } = source;
  const limits = node.maxShape ?? node.shape;
  const endless = count.filter((n) => n === Infinity).length;
  const sourceEndless = selection?.count.filter((n) => n === Infinity).length ?? 0;
  const fits =
    start.length === limits.length &&
    count.length === limits.length &&
    limits.every((limit, i) => isRange(start[i]!, count[i]!) && start[i]! + count[i]! <= limit);
  const part =
    selection === undefined ||
    (selection.start.length === selection.count.length &&
      selection.start.every((from, i) => isRange(from, selection.count[i]!)));
  if (fits && part && endless <= 1 && endless === sourceEndless) return;
  throw new Hdf5Error(
    "invalid-selection",
    `source "${source.file}" cannot fill [${count}] at [${start}] of a view of [${limits}]` +
      (endless === sourceEndless
        ? "; start and count must lie inside it"
        : "; an endless count needs a source selection with one endless count, and only then"),
    { file: source.file, start: start.join(), count: count.join() },
  );
}

function isRange(start: number, count: number): boolean {
  const whole = Number.isSafeInteger(count) || count === Infinity;
  return Number.isSafeInteger(start) && start >= 0 && whole && count >= 0;
}
