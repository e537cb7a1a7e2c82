// Reads msgpack of strangers: msgpackr with dask's settings, behind a scan that trusts nothing.
// It must not know what payloads are: callers say what stands in for them.
import { clearSource, Unpackr } from "msgpackr";
import { WireFormatError } from "./errors.js";
import { scanDocument } from "./msgpack-scan.js";
import { type OnTagged, resolveTagged } from "./tagged-maps.js";

// "auto" is missing from msgpackr's types: numbers up to 2^53, bigint beyond.
const int64AsType = "auto" as "bigint";

const reader = new Unpackr({
  useRecords: false,
  mapsAsObjects: false,
  copyBuffers: true,
  int64AsType,
});

/**
 * Unpacks one msgpack document: arrays become arrays, maps become Map. Without msgpackr's native
 * part (browsers), text of more than 64 bytes loses a byte order mark at its start.
 *
 * @param document - all bytes of the document; the result holds no view of them
 * @param onTagged - gives the value of tagged maps; without it they stay maps
 * @throws WireFormatError if the bytes are no document, LimitError if it exceeds a limit
 */
export function unpackDocument(document: Uint8Array, onTagged?: OnTagged): unknown {
  const bytes = ownView(document);
  const tagged = scanDocument(bytes);
  let value: unknown;
  try {
    value = reader.unpack(bytes);
  } catch (cause) {
    clearSource();
    throw new WireFormatError("not a message: msgpackr cannot read the document", { cause });
  }
  return tagged && onTagged !== undefined ? resolveTagged(value, onTagged) : value;
}

// A plain view, since msgpackr leaves a property on what it reads and gives bytes the class of
// their source; a copy of shared memory, since another thread could change it after the scan.
function ownView(document: Uint8Array): Uint8Array {
  const { buffer, byteOffset, length } = document;
  const isShared = typeof SharedArrayBuffer !== "undefined" && buffer instanceof SharedArrayBuffer;
  return isShared ? new Uint8Array(document) : new Uint8Array(buffer, byteOffset, length);
}
