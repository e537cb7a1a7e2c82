// Elements as they lie in the file: a byte view of numbers, heap references or padding for text.
// Where the bytes go is for the caller; shapes were checked when the array was made.
import { ByteWriter } from "./bytes.js";
import { isNumericDtype, itemBytes, type TypedArray } from "./dtype.js";
import { Hdf5Error } from "./errors.js";
import type { GlobalHeap } from "./global-heap.js";
import { BLOCK_MAX_BYTES } from "./limits.js";
import type { NDArray } from "./ndarray.js";
import { asArray } from "./ndarray.js";

const littleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** The bytes of an array's elements, in C order, in blocks. Numbers are not copied. */
export function elementBlocks(array: NDArray, heap: GlobalHeap): Uint8Array[] {
  if (isNumericDtype(array.dtype)) return numericBlocks(array.data as TypedArray);
  const texts = array.data as readonly string[];
  if (array.dtype === "str") return [variableText(texts, heap)];
  return [fixedText(texts, itemBytes(array.dtype))];
}

/** The bytes of one fill value of the given dtype. */
export function fillBytes(fill: number | bigint | boolean, dtype: string): Uint8Array {
  return numericBlocks(asArray(fill, { dtype }).data as TypedArray)[0]!;
}

function numericBlocks(data: TypedArray): Uint8Array[] {
  if (!littleEndian) {
    throw new Hdf5Error("unsupported-host", "numbers can be written on little-endian hosts only");
  }
  const blocks: Uint8Array[] = [];
  for (let from = 0; from < data.byteLength; from += BLOCK_MAX_BYTES) {
    const bytes = Math.min(BLOCK_MAX_BYTES, data.byteLength - from);
    blocks.push(new Uint8Array(data.buffer, data.byteOffset + from, bytes));
  }
  return blocks;
}

function variableText(texts: readonly string[], heap: GlobalHeap): Uint8Array {
  const encoded = texts.map(encodeText);
  const references = heap.store(encoded);
  const writer = new ByteWriter(16 * Math.max(1, texts.length));
  for (const [i, { address, index }] of references.entries()) {
    writer.u32(encoded[i]!.length).u64(address).u32(index);
  }
  return writer.finish();
}

function fixedText(texts: readonly string[], width: number): Uint8Array {
  const bytes = Buffer.alloc(texts.length * width);
  for (const [i, text] of texts.entries()) {
    const encoded = encodeText(text);
    if (encoded.length > width) {
      throw new Hdf5Error(
        "invalid-text",
        `text ${i} takes ${encoded.length} bytes of UTF-8, more than its ${width}; use a wider ` +
          `S<n> or "str"`,
        { index: i, bytes: encoded.length, width },
      );
    }
    bytes.set(encoded, i * width);
  }
  return bytes;
}

/** HDF5 text is a C string in UTF-8: what that cannot carry is refused, not damaged. */
export function encodeText(text: string): Uint8Array {
  if (text.includes("\0") || /\p{Surrogate}/u.test(text)) {
    throw new Hdf5Error(
      "invalid-text",
      "text with a NUL character or half a surrogate pair cannot be stored as UTF-8 text; " +
        "store it as a uint8 array",
      { length: text.length },
    );
  }
  return Buffer.from(text, "utf8");
}
