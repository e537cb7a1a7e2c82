// Attribute messages: small named arrays kept in the header of a group or dataset.
// Must not know what the attributes say; their elements are encoded as those of datasets are.
import { ByteWriter, totalBytes } from "./bytes.js";
import { encodeDataspace } from "./dataspace.js";
import { encodeDatatype } from "./datatype.js";
import { elementBlocks, encodeText } from "./elements.js";
import { Hdf5Error } from "./errors.js";
import type { GlobalHeap } from "./global-heap.js";
import { MESSAGE_MAX_BYTES } from "./limits.js";
import { asArray } from "./ndarray.js";
import { MessageType, type ObjectHeader } from "./object-header.js";
import type { Attributes } from "./tree.js";

const VERSION = 3;
const UTF8_NAME = 1;

/** Adds one message per attribute to `header`. */
export function addAttributes(
  header: ObjectHeader,
  attributes: Attributes,
  heap: GlobalHeap,
): void {
  for (const [name, value] of Object.entries(attributes)) {
    header.add(MessageType.attribute, encodeAttribute(name, value, heap));
  }
}

function encodeAttribute(name: string, value: unknown, heap: GlobalHeap): Uint8Array {
  const array = asArray(value);
  const nameBytes = encodeText(name);
  if (name === "") {
    throw new Hdf5Error("invalid-name", "an attribute has an empty name; give it one");
  }
  const datatype = encodeDatatype(array.dtype);
  const dataspace = encodeDataspace(array.shape);
  const elements = elementBlocks(array, heap);
  const headBytes = 9 + nameBytes.length + 1 + datatype.length + dataspace.length;
  const bytes = headBytes + totalBytes(elements);
  if (bytes > MESSAGE_MAX_BYTES) {
    throw new Hdf5Error(
      "attribute-too-large",
      `attribute "${name}" takes ${bytes} bytes, HDF5 allows ${MESSAGE_MAX_BYTES}; ` +
        "store it as a dataset",
      { name, bytes, limitBytes: MESSAGE_MAX_BYTES },
    );
  }
  const writer = new ByteWriter(bytes)
    .u8(VERSION)
    .u8(0)
    .u16(nameBytes.length + 1)
    .u16(datatype.length)
    .u16(dataspace.length)
    .u8(UTF8_NAME)
    .bytes(nameBytes)
    .u8(0)
    .bytes(datatype)
    .bytes(dataspace);
  for (const block of elements) writer.bytes(block);
  return writer.finish();
}
