// The only msgpack coder of this package: msgpackr with dask's settings, between a walk that admits
// nothing unfit on the way out and a scan that trusts nothing on the way in. It must not know what
// payloads are: callers say what stands in for them.
import { clearSource, Packr, RESET_BUFFER_MODE } from "msgpackr";
import { LimitError, WireFormatError } from "./errors.js";
import { fitForWire, type StandIn } from "./fit-for-wire.js";
import { scratchBytesMax, wireLimits } from "./limits.js";
import { scanDocument } from "./msgpack-scan.js";
import { type OnTagged, resolveTagged } from "./tagged-maps.js";

// "auto" is missing from msgpackr's types: numbers up to 2^53, bigint beyond.
const int64AsType = "auto" as "bigint";

const wireCodec = new Packr({
  useRecords: false,
  variableMapSize: true,
  mapsAsObjects: false,
  copyBuffers: true,
  useToJSON: false,
  int64AsType,
  writeFunction: () => {
    throw new Error("a function reached the msgpack coder past the walk that refuses functions");
  },
});

/**
 * Packs a value into one msgpack document of its own memory.
 *
 * @param value - what to write; undefined, functions, dates and class instances are refused
 * @param standIn - what to write for objects of other classes
 * @throws WireFormatError with the path of the value that cannot be written
 */
export function packDocument(value: unknown, standIn?: StandIn): Uint8Array {
  const packed = wireCodec.pack(fitForWire(value, standIn), RESET_BUFFER_MODE);
  // Packed into scratch space that the next call overwrites, and that other coders may share.
  const document = new Uint8Array(packed);
  if (packed.buffer.byteLength > scratchBytesMax) wireCodec.useBuffer(newScratch());
  if (document.length > wireLimits.documentBytes) {
    throw new LimitError("documentBytes", document.length, wireLimits.documentBytes);
  }
  return document;
}

// msgpackr grows its scratch space to four times a document and would keep that for ever.
function newScratch(): Uint8Array {
  const size = scratchBytesMax / 16;
  return typeof Buffer === "undefined" ? new Uint8Array(size) : Buffer.allocUnsafeSlow(size);
}

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
    value = wireCodec.unpack(bytes);
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
