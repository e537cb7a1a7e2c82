// The walk over a tree: groups and their links, then the superblock that makes bytes a file.
// Gives back bytes: names of files, disks and publication are left to publish-file.ts.
import { addAttributes } from "./attributes.js";
import { ByteWriter, UNDEFINED } from "./bytes.js";
import { encodeDenseLinks } from "./dense-links.js";
import { encodeDataset } from "./encode-dataset.js";
import { encodeStreamedDataset } from "./encode-streamed.js";
import { encodeVirtualDataset } from "./encode-virtual.js";
import { Hdf5Error } from "./errors.js";
import { FileBody, type Part } from "./file-body.js";
import type { FileContext } from "./file-context.js";
import { GlobalHeap } from "./global-heap.js";
import { COMPACT_LINKS_MAX, DENSE_LINKS_MIN } from "./limits.js";
import { type EncodedLink, encodeLink, type LinkTarget } from "./links.js";
import { lookup3 } from "./lookup3.js";
import { MessageType, ObjectHeader } from "./object-header.js";
import { SIGNATURE, SUPERBLOCK_BYTES } from "./superblock.js";
import type { GroupNode, Member } from "./tree.js";

const TRACK_CREATION_ORDER = 0x01;
const STORES_PHASE_CHANGE = 0x01;

/**
 * Encodes a whole file as a list of byte blocks to be written one after another. Elements of
 * large arrays are in the list by reference: do not change them before it is written.
 *
 * Files without compression and virtual datasets are readable from HDF5 1.8 on, others from 1.10.
 *
 * @param root - the root group, see {@link file}
 * @returns the blocks, in order; their lengths add up to the size of the file
 * @throws Hdf5Error with the path of the offending member in `fields.member`
 * @example
 * const bytes = Buffer.concat(encodeFile(file({ members: { x: dataset([1, 2, 3]) } })));
 */
export function encodeFile(root: GroupNode): Uint8Array[] {
  return encodeParts(root).map((part) => {
    if (part instanceof Uint8Array) return part;
    const message = "a streamed dataset has no bytes yet; publish the file";
    throw new Hdf5Error("invalid-option", message);
  });
}

/** The same with parts that are yet to be made. */
export function encodeParts(root: GroupNode): Part[] {
  const body = new FileBody(SUPERBLOCK_BYTES);
  const context: FileContext = { body, heap: new GlobalHeap(body), needsHdf5v110: false };
  const rootAddress = encodeMember("", root, context);
  const superblock = new ByteWriter(SUPERBLOCK_BYTES)
    .bytes(SIGNATURE)
    .u8(context.needsHdf5v110 ? 3 : 2)
    .u8(8)
    .u8(8)
    .u8(0)
    .u64(0)
    .u64(UNDEFINED)
    .u64(body.end)
    .u64(rootAddress);
  superblock.u32(lookup3(superblock.finish()));
  return [superblock.finish(), ...body.finish()];
}

function encodeMember(
  path: string,
  node: Exclude<Member, { type: "soft-link" | "external-link" }>,
  context: FileContext,
): number {
  try {
    switch (node.type) {
      case "group":
        return encodeGroup(path, node, context);
      case "dataset":
        return encodeDataset(node, context);
      case "streamed-dataset":
        return encodeStreamedDataset(node, context);
      case "virtual-dataset":
        return encodeVirtualDataset(node, context);
    }
  } catch (error) {
    throw withMember(error, path || "/");
  }
}

function encodeGroup(path: string, node: GroupNode, context: FileContext): number {
  const links: EncodedLink[] = [];
  const members = node.members instanceof Map ? node.members : Object.entries(node.members);
  for (const [name, member] of members as Iterable<[string, Member]>) {
    const target = targetOf(`${path}/${name}`, member, context);
    links.push(encodeLink(name, target, links.length));
  }
  const dense = links.length > COMPACT_LINKS_MAX;
  const addresses = dense ? encodeDenseLinks(links, context.body) : undefined;
  const linkInfo = new ByteWriter()
    .u8(0)
    .u8(TRACK_CREATION_ORDER)
    .u64(links.length)
    .u64(addresses?.heapAddress ?? UNDEFINED)
    .u64(addresses?.indexAddress ?? UNDEFINED);
  const groupInfo = new ByteWriter().u8(0).u8(STORES_PHASE_CHANGE);
  groupInfo.u16(COMPACT_LINKS_MAX).u16(DENSE_LINKS_MIN);
  const header = new ObjectHeader()
    .add(MessageType.linkInfo, linkInfo.finish())
    .add(MessageType.groupInfo, groupInfo.finish());
  if (!dense) for (const { message } of links) header.add(MessageType.link, message);
  addAttributes(header, node.attributes, context.heap);
  return context.body.append(header.finish());
}

function targetOf(path: string, member: Member, context: FileContext): LinkTarget {
  if (member.type === "soft-link" || member.type === "external-link") return member;
  return { type: "hard", address: encodeMember(path, member, context) };
}

/** Says where in the file an error arose, once, at the innermost member. */
function withMember(error: unknown, member: string): unknown {
  if (!(error instanceof Hdf5Error) || "member" in error.fields) return error;
  const fields = { ...error.fields, member };
  return new Hdf5Error(error.code, `${member}: ${error.message}`, fields, error);
}
