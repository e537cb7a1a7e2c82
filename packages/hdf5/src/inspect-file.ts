// Reads back what a file of ours holds: names, shapes and places of its datasets, and its plain
// attributes. It understands only what this package writes, and says so of everything else by
// giving nothing; elements are left where they are.
import { type FileHandle, open } from "node:fs/promises";
import { Hdf5Error, systemCode } from "./errors.js";
import { INSPECTED_LINKS_MAX } from "./limits.js";
import { lookup3 } from "./lookup3.js";
import { MessageType } from "./object-header.js";
import { endOfFile, SUPERBLOCK_BYTES } from "./superblock.js";

/** One dataset in the root of a file. */
export interface DatasetSummary {
  readonly name: string;
  readonly shape: readonly number[];
  /** The body of the datatype message: equal bytes are equal types. */
  readonly datatype: Uint8Array;
  /** Where its elements lie, when they lie in one piece; `at` is undefined for an empty one. */
  readonly contiguous?: { readonly at: number | undefined; readonly bytes: number };
}

/** What is in the root of a file. */
export interface FileSummary {
  readonly bytes: number;
  readonly datasets: readonly DatasetSummary[];
  /** Attributes of one text or one 64-bit whole number; others are left out. */
  readonly attributes: ReadonlyMap<string, string | bigint>;
}

/**
 * Says what a file written by {@link publishFile} holds. The checksums of all headers are
 * compared, those of elements are not: compare crc32 for that.
 *
 * @param path - the file to look at
 * @returns undefined when there is no such file, it is not whole, or of another writer's making
 * @throws Hdf5Error `read-failed` when the file exists and cannot be read
 * @example
 * const found = await inspectFile("f_payload/f_0.h5");
 * console.log(found?.datasets.map(({ name, shape }) => `${name} ${shape}`));
 */
export async function inspectFile(path: string): Promise<FileSummary | undefined> {
  try {
    const handle = await open(path, "r");
    try {
      return await inspectOpen(handle);
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (systemCode(error) === "ENOENT" || error instanceof NotOurs) return undefined;
    throw new Hdf5Error(
      "read-failed",
      `could not read ${path} (${systemCode(error) || error}); check that it is a readable file`,
      { path, systemCode: systemCode(error) },
      error,
    );
  }
}

/** Thrown inside this file only: these bytes are not what this package writes. */
class NotOurs extends Error {}

function expectOurs(holds: boolean): asserts holds {
  if (!holds) throw new NotOurs();
}

interface Message {
  readonly type: number;
  readonly body: Buffer;
}

async function inspectOpen(handle: FileHandle): Promise<FileSummary> {
  const { size } = await handle.stat();
  const start = await read(handle, 0, Math.min(64, size));
  expectOurs(endOfFile(start) === size && start[8]! >= 2);
  const messages = await header(handle, address(start, SUPERBLOCK_BYTES - 12));
  const datasets: DatasetSummary[] = [];
  for (const { name, at } of await hardLinks(handle, messages)) {
    const summary = datasetSummary(name, await header(handle, at));
    if (summary !== undefined) datasets.push(summary);
  }
  return { bytes: size, datasets, attributes: await attributes(handle, messages) };
}

async function read(handle: FileHandle, at: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length);
  const { bytesRead } = await handle.read(bytes, 0, length, at);
  expectOurs(bytesRead === length);
  return bytes;
}

/** The messages of an object header, once its checksum is found right. */
async function header(handle: FileHandle, at: number): Promise<Message[]> {
  const start = await read(handle, at, 10);
  expectOurs(start.toString("latin1", 0, 4) === "OHDR" && start[4] === 2 && start[5] === 2);
  const length = start.readUInt32LE(6);
  const whole = await read(handle, at, 10 + length + 4);
  expectOurs(whole.readUInt32LE(10 + length) === lookup3(whole.subarray(0, 10 + length)));
  const messages: Message[] = [];
  for (let from = 10; from < 10 + length; ) {
    const bytes = whole.readUInt16LE(from + 1);
    messages.push({ type: whole[from]!, body: whole.subarray(from + 4, from + 4 + bytes) });
    from += 4 + bytes;
  }
  return messages;
}

interface HardLink {
  readonly name: string;
  readonly at: number;
}

async function hardLinks(
  handle: FileHandle,
  messages: readonly Message[],
): Promise<readonly HardLink[]> {
  const compact = messages.filter(({ type }) => type === MessageType.link);
  const info = messages.find(({ type }) => type === MessageType.linkInfo)?.body;
  expectOurs(info !== undefined);
  const found =
    info.readBigUInt64LE(10) === UNDEFINED ? [] : await dense(handle, address(info, 10));
  return [...compact.map(({ body }) => linkOf(body).link), ...found].filter(
    (link) => link !== undefined,
  );
}

/** Links of a large group: one after another in the block of a heap, see dense-links.ts. */
async function dense(handle: FileHandle, at: number): Promise<(HardLink | undefined)[]> {
  const heap = await read(handle, at, 146);
  expectOurs(heap.toString("latin1", 0, 4) === "FRHP");
  const count = address(heap, 70);
  expectOurs(count <= INSPECTED_LINKS_MAX);
  const used = address(heap, 46) - address(heap, 30);
  const block = await read(handle, address(heap, 132), used);
  const links: (HardLink | undefined)[] = [];
  for (let from = 21; links.length < count; ) {
    const { link, bytes } = linkOf(block.subarray(from));
    links.push(link);
    from += bytes;
  }
  return links;
}

/** @returns no link for one that leads to another file or path */
function linkOf(body: Buffer): { readonly link: HardLink | undefined; readonly bytes: number } {
  expectOurs(body.length > 14 && body[0] === 1 && body[1] === 0x1d);
  const nameBytes = body.readUInt16LE(12);
  const end = 14 + nameBytes;
  const name = body.toString("utf8", 14, end);
  if (body[2] === 0) return { link: { name, at: address(body, end) }, bytes: end + 8 };
  return { link: undefined, bytes: end + 2 + body.readUInt16LE(end) };
}

function datasetSummary(name: string, messages: readonly Message[]): DatasetSummary | undefined {
  const bodyOf = (wanted: number) => messages.find(({ type }) => type === wanted)?.body;
  const space = bodyOf(MessageType.dataspace);
  const datatype = bodyOf(MessageType.datatype);
  const layout = bodyOf(MessageType.layout);
  if (space === undefined || datatype === undefined || layout === undefined) return undefined;
  const shape = Array.from({ length: space[1]! }, (_, i) => address(space, 4 + 8 * i));
  const summary = { name, shape, datatype };
  if (layout[0] !== 3 || layout[1] !== 1) return summary;
  const at = layout.readBigUInt64LE(2) === UNDEFINED ? undefined : address(layout, 2);
  return { ...summary, contiguous: { at, bytes: address(layout, 10) } };
}

async function attributes(
  handle: FileHandle,
  messages: readonly Message[],
): Promise<Map<string, string | bigint>> {
  const found = new Map<string, string | bigint>();
  for (const { type, body } of messages) {
    if (type !== MessageType.attribute) continue;
    const [nameBytes, typeBytes, spaceBytes] = [2, 4, 6].map((at) => body.readUInt16LE(at));
    const typeAt = 9 + nameBytes!;
    const spaceAt = typeAt + typeBytes!;
    const isScalar = body[spaceAt + 1] === 0;
    const name = body.toString("utf8", 9, typeAt - 1);
    const value = body.subarray(spaceAt + spaceBytes!);
    const kind = body[typeAt]! & 0x0f;
    if (isScalar && kind === 9) found.set(name, await heapText(handle, value));
    if (isScalar && kind === 0 && value.length === 8) found.set(name, value.readBigInt64LE(0));
  }
  return found;
}

/** A text of variable length: length, address of its heap collection, number in there. */
export async function heapText(handle: FileHandle, reference: Buffer): Promise<string> {
  const length = reference.readUInt32LE(0);
  const wanted = reference.readUInt32LE(12);
  if (length === 0) return "";
  const at = address(reference, 4);
  const start = await read(handle, at, 16);
  expectOurs(start.toString("latin1", 0, 4) === "GCOL");
  const collection = await read(handle, at, address(start, 8));
  for (let from = 16; from + 16 <= collection.length; ) {
    const bytes = address(collection, from + 8);
    const index = collection.readUInt16LE(from);
    if (index === wanted) return collection.toString("utf8", from + 16, from + 16 + length);
    expectOurs(index !== 0);
    from += 16 + Math.ceil(bytes / 8) * 8;
  }
  throw new NotOurs();
}

const UNDEFINED = 0xffff_ffff_ffff_ffffn;

function address(bytes: Buffer, at: number): number {
  const value = Number(bytes.readBigUInt64LE(at));
  expectOurs(Number.isSafeInteger(value));
  return value;
}
