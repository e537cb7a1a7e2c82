// Groups with many links: a fractal heap with the link messages and a B-tree over the hashes of
// their names, so that readers find one name among thousands without reading all of them.
// The heap is a single block just large enough, and the tree at most two levels deep.
import { ByteWriter, UNDEFINED } from "./bytes.js";
import { Hdf5Error } from "./errors.js";
import type { FileBody } from "./file-body.js";
import { LINK_BLOCK_MAX_BYTES, MESSAGE_MAX_BYTES } from "./limits.js";
import type { EncodedLink } from "./links.js";
import { lookup3 } from "./lookup3.js";

const HEAP_ID_BYTES = 7;
const HEAP_OFFSET_BYTES = 4;
const HEAP_HEADER_BYTES = 146;
const BLOCK_OVERHEAD_BYTES = 21;
/** Below this size heap ids would spell lengths with one byte; ids of links always use two. */
const BLOCK_MIN_BYTES = 65_536;
const CHECKSUM_BLOCKS = 0x02;

const NAME_INDEX = 5;
const RECORD_BYTES = 4 + HEAP_ID_BYTES;
const LEAF_OVERHEAD_BYTES = 10;
const SMALL_NODE_BYTES = 4096;
const LARGE_NODE_BYTES = 65_536;

export interface DenseLinks {
  readonly heapAddress: number;
  readonly indexAddress: number;
}

/** Writes the heap and the index of a group's links. */
export function encodeDenseLinks(links: readonly EncodedLink[], body: FileBody): DenseLinks {
  const { heapAddress, ids } = encodeHeap(links, body);
  const records = links.map((link, i) => ({ hash: lookup3(link.name), id: ids[i]!, link }));
  records.sort((a, b) => a.hash - b.hash || Buffer.compare(a.link.name, b.link.name));
  const packed = new ByteWriter(records.length * RECORD_BYTES);
  for (const { hash, id } of records) packed.u32(hash).bytes(id);
  return { heapAddress, indexAddress: encodeIndex(packed.finish(), body) };
}

function encodeHeap(
  links: readonly EncodedLink[],
  body: FileBody,
): { heapAddress: number; ids: Uint8Array[] } {
  let used = BLOCK_OVERHEAD_BYTES;
  const ids = links.map(({ message }) => {
    const id = new ByteWriter(8).u8(0).u32(used).u16(message.length).finish();
    used += message.length;
    return id;
  });
  const blockBytes = Math.max(BLOCK_MIN_BYTES, 2 ** Math.ceil(Math.log2(used)));
  if (blockBytes > LINK_BLOCK_MAX_BYTES) {
    throw new Hdf5Error(
      "message-too-large",
      `the ${links.length} links of a group take ${used} bytes, more than HDF5's ` +
        `${LINK_BLOCK_MAX_BYTES}; spread them over several groups`,
      { links: links.length, bytes: used, limitBytes: LINK_BLOCK_MAX_BYTES },
    );
  }
  const blockAddress = alignTo8(body.end);
  const heapAddress = alignTo8(blockAddress + blockBytes);
  const block = new ByteWriter(blockBytes).ascii("FHDB").u8(0).u64(heapAddress);
  block.uint(0, HEAP_OFFSET_BYTES);
  const checksumAt = block.length;
  block.u32(0);
  for (const { message } of links) block.bytes(message);
  const bytes = block.zeros(blockBytes - used).finish();
  // The checksum covers the whole block with its own place taken as zero.
  bytes.set(new ByteWriter().u32(lookup3(bytes)).finish(), checksumAt);
  body.append(bytes);
  body.append(heapHeader({ blockBytes, used, count: links.length, blockAddress }));
  return { heapAddress, ids };
}

interface HeapFacts {
  readonly blockBytes: number;
  readonly used: number;
  readonly count: number;
  readonly blockAddress: number;
}

function heapHeader({ blockBytes, used, count, blockAddress }: HeapFacts): Uint8Array {
  const tableWidth = 4;
  const maxHeapBits = 8 * HEAP_OFFSET_BYTES;
  const writer = new ByteWriter(HEAP_HEADER_BYTES).ascii("FRHP").u8(0).u16(HEAP_ID_BYTES).u16(0);
  writer.u8(CHECKSUM_BLOCKS).u32(MESSAGE_MAX_BYTES);
  writer.u64(0).u64(UNDEFINED); // huge objects: none
  writer.u64(blockBytes - used).u64(UNDEFINED); // free space, not indexed
  writer.u64(blockBytes).u64(blockBytes).u64(0).u64(count); // managed objects
  writer.u64(0).u64(0).u64(0).u64(0); // huge and tiny objects: none
  writer.u16(tableWidth).u64(blockBytes).u64(blockBytes).u16(maxHeapBits).u16(1);
  writer.u64(blockAddress).u16(0); // the root is a block of objects, not of pointers
  return writer.u32(lookup3(writer.finish())).finish();
}

function encodeIndex(records: Uint8Array, body: FileBody): number {
  const count = records.length / RECORD_BYTES;
  const small = innerCapacity(SMALL_NODE_BYTES) * leafCapacity(SMALL_NODE_BYTES);
  const nodeBytes = count <= small ? SMALL_NODE_BYTES : LARGE_NODE_BYTES;
  const capacity = leafCapacity(nodeBytes);
  const isLeaf = count <= capacity;
  const root = isLeaf
    ? { address: encodeLeaf(records, nodeBytes, body), count }
    : encodeInner(records, nodeBytes, body);
  const header = new ByteWriter().ascii("BTHD").u8(0).u8(NAME_INDEX).u32(nodeBytes);
  header
    .u16(RECORD_BYTES)
    .u16(isLeaf ? 0 : 1)
    .u8(100)
    .u8(40);
  header.u64(root.address).u16(root.count).u64(count);
  return body.append(header.u32(lookup3(header.finish())).finish());
}

/** Spreads the records over leaves, with one record between two leaves kept in the root. */
function encodeInner(
  records: Uint8Array,
  nodeBytes: number,
  body: FileBody,
): { address: number; count: number } {
  const count = records.length / RECORD_BYTES;
  const leaves = Math.ceil((count + 1) / (leafCapacity(nodeBytes) + 1));
  const node = new ByteWriter(nodeBytes).ascii("BTIN").u8(0).u8(NAME_INDEX);
  const pointers = new ByteWriter();
  let from = 0;
  for (let i = 0; i < leaves; i++) {
    const end = Math.floor(((i + 1) * (count + 1)) / leaves) - 1;
    const leaf = records.subarray(from * RECORD_BYTES, end * RECORD_BYTES);
    pointers.u64(encodeLeaf(leaf, nodeBytes, body)).u16(end - from);
    if (i < leaves - 1) node.bytes(records.subarray(end * RECORD_BYTES, (end + 1) * RECORD_BYTES));
    from = end + 1;
  }
  node.bytes(pointers.finish());
  node.u32(lookup3(node.finish()));
  return { address: body.append(node.zeros(nodeBytes - node.length).finish()), count: leaves - 1 };
}

function encodeLeaf(records: Uint8Array, nodeBytes: number, body: FileBody): number {
  const node = new ByteWriter(nodeBytes).ascii("BTLF").u8(0).u8(NAME_INDEX).bytes(records);
  node.u32(lookup3(node.finish()));
  return body.append(node.zeros(nodeBytes - node.length).finish());
}

function leafCapacity(nodeBytes: number): number {
  return Math.floor((nodeBytes - LEAF_OVERHEAD_BYTES) / RECORD_BYTES);
}

/** Children of an inner node whose pointers are an address and a 2-byte count. */
function innerCapacity(nodeBytes: number): number {
  const pointerBytes = 10;
  const records = (nodeBytes - LEAF_OVERHEAD_BYTES - pointerBytes) / (RECORD_BYTES + pointerBytes);
  return Math.floor(records) + 1;
}

function alignTo8(address: number): number {
  return Math.ceil(address / 8) * 8;
}
