// Datasets with elements of their own: contiguous, or one deflated chunk.
// Datasets put together from other files are in encode-virtual.ts; nothing is written to disk here.
import { deflateSync } from "node:zlib";
import { addAttributes } from "./attributes.js";
import { ByteWriter, minimalWidth, totalBytes, UNDEFINED } from "./bytes.js";
import { encodeDataspace } from "./dataspace.js";
import { encodeDatatype } from "./datatype.js";
import { itemBytes } from "./dtype.js";
import { elementBlocks, fillBytes } from "./elements.js";
import { Hdf5Error } from "./errors.js";
import type { FileContext } from "./file-context.js";
import { Allocate, encodeFill } from "./fill-value.js";
import { GZIP_MAX_BYTES } from "./limits.js";
import { MessageType, ObjectHeader } from "./object-header.js";
import type { DatasetNode } from "./tree.js";

const LAYOUT_CONTIGUOUS = 1;
const LAYOUT_CHUNKED = 2;
const CHUNK_IS_FILTERED = 0x02;
const INDEX_SINGLE_CHUNK = 1;
const FILTER_DEFLATE = 1;
const FILTER_SHUFFLE = 2;

/** Writes elements and header; returns the address of the header. */
export function encodeDataset(node: DatasetNode, context: FileContext): number {
  const { array } = node;
  const elements = elementBlocks(array, context.heap);
  const bytes = totalBytes(elements);
  const header = new ObjectHeader()
    .add(MessageType.dataspace, encodeDataspace(array.shape))
    .addConstant(MessageType.datatype, encodeDatatype(array.dtype));
  const fill = node.fill === undefined ? undefined : fillBytes(node.fill, array.dtype);
  if (isCompressed(node, bytes)) {
    header.addConstant(MessageType.fillValue, encodeFill(fill, Allocate.incremental));
    addChunk(header, node, elements[0]!, context);
  } else {
    header.addConstant(MessageType.fillValue, encodeFill(fill, Allocate.late));
    const address = bytes === 0 ? UNDEFINED : context.body.appendAll(elements);
    const layout = new ByteWriter().u8(3).u8(LAYOUT_CONTIGUOUS).u64(address).u64(bytes);
    header.add(MessageType.layout, layout.finish());
  }
  addAttributes(header, node.attributes, context.heap);
  return context.body.append(header.finish());
}

function isCompressed(node: DatasetNode, bytes: number): boolean {
  const { gzip, array } = node;
  if (!Number.isInteger(gzip) || gzip < 0 || gzip > 9) {
    throw new Hdf5Error("invalid-option", `gzip level ${gzip} is not a whole number from 0 to 9`, {
      gzip,
    });
  }
  if (gzip === 0 || array.shape.length === 0 || array.dtype === "str") return false;
  return bytes > 0 && bytes <= GZIP_MAX_BYTES;
}

function addChunk(
  header: ObjectHeader,
  node: DatasetNode,
  elements: Uint8Array,
  context: FileContext,
): void {
  const size = itemBytes(node.array.dtype);
  const shuffled = node.shuffle && size > 1;
  const deflated = deflateSync(shuffled ? shuffle(elements, size) : elements, { level: node.gzip });
  const address = context.body.append(deflated);
  const dimensions = [...node.array.shape, size];
  // HDF5 2.0 refuses dimensions spelled with more bytes than the largest of them needs.
  const width = minimalWidth(Math.max(...dimensions));
  const layout = new ByteWriter().u8(4).u8(LAYOUT_CHUNKED).u8(CHUNK_IS_FILTERED);
  layout.u8(dimensions.length).u8(width);
  for (const n of dimensions) layout.uint(n, width);
  layout.u8(INDEX_SINGLE_CHUNK).u64(deflated.length).u32(0).u64(address);
  header.add(MessageType.layout, layout.finish());
  header.addConstant(MessageType.filters, encodeFilters(shuffled ? size : 0, node.gzip));
  context.needsHdf5v110 = true;
}

function encodeFilters(shuffleBytes: number, level: number): Uint8Array {
  const writer = new ByteWriter().u8(2).u8(shuffleBytes > 0 ? 2 : 1);
  if (shuffleBytes > 0) writer.u16(FILTER_SHUFFLE).u16(0).u16(1).u32(shuffleBytes);
  return writer.u16(FILTER_DEFLATE).u16(0).u16(1).u32(level).finish();
}

/** All first bytes, then all second bytes, ...: neighbours alike deflate better. */
function shuffle(bytes: Uint8Array, size: number): Uint8Array {
  const count = bytes.length / size;
  const out = new Uint8Array(bytes.length);
  for (let b = 0; b < size; b++) {
    const base = b * count;
    for (let i = 0, at = b; i < count; i++, at += size) out[base + i] = bytes[at]!;
  }
  return out;
}
