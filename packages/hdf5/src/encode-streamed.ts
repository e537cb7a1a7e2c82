// Datasets whose elements are made while the file is written, so that an array need not fit into
// memory. Where the elements come from is the caller's business; how many there are is checked.
import { addAttributes } from "./attributes.js";
import { ByteWriter, UNDEFINED } from "./bytes.js";
import { encodeDataspace } from "./dataspace.js";
import { encodeDatatype } from "./datatype.js";
import { type Dtype, isNumericDtype, itemBytes, numericInfo, parseDtype } from "./dtype.js";
import { fillBytes } from "./elements.js";
import { Hdf5Error } from "./errors.js";
import type { FileContext } from "./file-context.js";
import { Allocate, encodeFill } from "./fill-value.js";
import { MessageType, ObjectHeader } from "./object-header.js";
import type { StreamedDatasetNode } from "./tree.js";

const LAYOUT_CONTIGUOUS = 1;

/** Leaves room for the elements and writes the header; returns the address of the header. */
export function encodeStreamedDataset(node: StreamedDatasetNode, context: FileContext): number {
  const { datatype, size: item, fill } = elementOf(node.dtype);
  const bytes = node.shape.reduce((product, size) => product * size, item);
  const header = new ObjectHeader()
    .add(MessageType.dataspace, encodeDataspace(node.shape))
    .addConstant(MessageType.datatype, datatype)
    .addConstant(MessageType.fillValue, encodeFill(fill, Allocate.late));
  const part = { length: bytes, blocks: node.blocks };
  const address = bytes === 0 ? UNDEFINED : context.body.appendLater(part);
  const layout = new ByteWriter().u8(3).u8(LAYOUT_CONTIGUOUS).u64(address).u64(bytes);
  header.add(MessageType.layout, layout.finish());
  addAttributes(header, node.attributes, context.heap);
  return context.body.append(header.finish());
}

/** Where a datatype has the size of one element. */
const ITEM_BYTES_AT = 4;

function elementOf(dtype: string | Uint8Array) {
  if (typeof dtype !== "string") {
    const view = new DataView(dtype.buffer, dtype.byteOffset, dtype.byteLength);
    return { datatype: dtype, size: view.getUint32(ITEM_BYTES_AT, true), fill: undefined };
  }
  const known = parseDtype(dtype);
  return { datatype: encodeDatatype(known), size: itemBytes(known), fill: missingElement(known) };
}

/**
 * The bytes of the element that stands for what is not there: NaN, or 0 for whole numbers.
 *
 * @param name - numpy name of a type of numbers
 * @throws Hdf5Error `invalid-option` for text
 * @example
 * missingElement("float32"); // the four bytes of NaN
 */
export function missingElement(name: string): Uint8Array {
  const dtype: Dtype = parseDtype(name);
  if (!isNumericDtype(dtype)) {
    const fields = { dtype };
    throw new Hdf5Error("invalid-option", `${dtype} has no missing element; use numbers`, fields);
  }
  const { kind } = numericInfo(dtype);
  const isFloat = kind === "float" || kind === "complex";
  return fillBytes(isFloat ? Number.NaN : kind === "bool" ? false : 0, dtype);
}
