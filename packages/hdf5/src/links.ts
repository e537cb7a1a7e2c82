// Link messages: the names in a group, each pointing at an object, a path or another file.
// How a group stores many of them is left to the header (few) and to dense-links.ts (many).
import { ByteWriter } from "./bytes.js";
import { encodeText } from "./elements.js";
import { Hdf5Error } from "./errors.js";
import { MESSAGE_MAX_BYTES } from "./limits.js";
import type { ExternalLinkNode, SoftLinkNode } from "./tree.js";

const VERSION = 1;
const NAME_LENGTH_2_BYTES = 0x01;
const HAS_CREATION_ORDER = 0x04;
const HAS_TYPE = 0x08;
const HAS_CHARSET = 0x10;
const UTF8 = 1;
const HARD = 0;
const SOFT = 1;
const EXTERNAL = 64;

/** What a name in a group points at. */
export type LinkTarget =
  | { readonly type: "hard"; readonly address: number }
  | SoftLinkNode
  | ExternalLinkNode;

export interface EncodedLink {
  /** UTF-8 bytes of the name: dense groups are sorted by their hash. */
  readonly name: Uint8Array;
  readonly message: Uint8Array;
}

/** One link; `order` is its position in the group, for readers that list in creation order. */
export function encodeLink(name: string, target: LinkTarget, order: number): EncodedLink {
  const nameBytes = checkedName(name);
  const flags = NAME_LENGTH_2_BYTES | HAS_CREATION_ORDER | HAS_TYPE | HAS_CHARSET;
  const writer = new ByteWriter(48 + nameBytes.length).u8(VERSION).u8(flags);
  writer.u8(typeCode(target)).u64(order).u8(UTF8).u16(nameBytes.length).bytes(nameBytes);
  switch (target.type) {
    case "hard":
      writer.u64(target.address);
      break;
    case "soft-link":
      addValue(writer, checkedPath(target.path));
      break;
    case "external-link":
      addValue(writer, externalValue(target));
      break;
  }
  const message = writer.finish();
  if (message.length > MESSAGE_MAX_BYTES) throw tooLong(name);
  return { name: nameBytes, message };
}

/** A file name relative to the folder of the file that mentions it, checked. */
export function relativeFile(file: string): string {
  const absolute = file.startsWith("/") || /^[A-Za-z]:[\\/]/.test(file) || file.startsWith("\\\\");
  if (file !== "" && !absolute) return file;
  throw new Hdf5Error(
    "invalid-path",
    `"${file}" is not a relative file name; name files relative to the folder of this file, so ` +
      "that the folder can be moved",
    { file },
  );
}

function typeCode(target: LinkTarget): number {
  switch (target.type) {
    case "hard":
      return HARD;
    case "soft-link":
      return SOFT;
    case "external-link":
      return EXTERNAL;
  }
}

function externalValue(target: ExternalLinkNode): Uint8Array {
  const file = encodeText(relativeFile(target.file));
  const path = checkedPath(target.path);
  return new ByteWriter(file.length + path.length + 3)
    .u8(0)
    .bytes(file)
    .u8(0)
    .bytes(path)
    .u8(0)
    .finish();
}

function addValue(writer: ByteWriter, value: Uint8Array): void {
  if (value.length > MESSAGE_MAX_BYTES) throw tooLong("");
  writer.u16(value.length).bytes(value);
}

function checkedName(name: string): Uint8Array {
  const bytes = encodeText(name);
  if (bytes.length > MESSAGE_MAX_BYTES) throw tooLong(name);
  if (name !== "" && name !== "." && !name.includes("/")) return bytes;
  throw new Hdf5Error(
    "invalid-name",
    `"${name}" cannot name a member of a group; names are not empty, not "." and without "/" ` +
      "(nest groups instead)",
    { name },
  );
}

function checkedPath(path: string): Uint8Array {
  if (path !== "") return encodeText(path);
  throw new Hdf5Error("invalid-path", `a link has an empty path; use "/" for the root`, { path });
}

function tooLong(name: string): Hdf5Error {
  return new Hdf5Error(
    "message-too-large",
    `a link's name and target exceed ${MESSAGE_MAX_BYTES} bytes; shorten them`,
    { name: name.slice(0, 80), limitBytes: MESSAGE_MAX_BYTES },
  );
}
