// The only msgpack coder of this package: packs and unpacks one value document.
// It sees plain msgpack types alone, because the walk in front of it has replaced the rest;
// so the costly reference tracking of msgpackr stays off.

import { isAcmeError } from "@acme/protocol";
import { clearSource, Packr } from "msgpackr";
import { FunctionShipError } from "../ship-error.js";
import { shape } from "./tags.js";

const valueCodec = new Packr({
  useRecords: false,
  mapsAsObjects: true,
  variableMapSize: true,
  moreTypes: false,
  useToJSON: false,
  writeFunction: () => {
    throw new Error("a function reached the msgpack coder past the walk that replaces functions");
  },
});

/** A document of special nodes, unpacked but not yet decoded. */
export interface GraphDocument {
  root: unknown;
  /** Shared, cyclic and deep nodes, and every function. */
  table: unknown[];
  /** Indices into the table of the entries that are functions or classes. */
  functions: readonly number[];
  /** Inline bytes, or the number of the frame that holds them. */
  segments: readonly (Uint8Array | number)[];
}

export type ValueDocument = { plain: true; value: unknown } | ({ plain: false } & GraphDocument);

/** Packs data that msgpack keeps exactly. */
export function packPlain(value: unknown): Uint8Array {
  return valueCodec.pack([shape.plain, value]);
}

export function packGraph(graph: GraphDocument): Uint8Array {
  return valueCodec.pack([shape.graph, graph.root, graph.table, graph.functions, graph.segments]);
}

export function unpackDocument(frame: Uint8Array | undefined): ValueDocument {
  if (frame === undefined) throw badDocument("it has no frames");
  const parts = unpack(frame, "its first frame");
  if (Array.isArray(parts)) {
    if (parts[0] === shape.plain && parts.length === 2) return { plain: true, value: parts[1] };
    if (parts[0] === shape.graph && parts.length === 5) {
      const [, root, table, functions, segments] = parts;
      if (areLists(table, functions, segments)) {
        return { plain: false, root, table, functions, segments };
      }
    }
  }
  throw badDocument("its first frame has an unknown shape");
}

const areLists = (...lists: unknown[]): boolean => lists.every((list) => Array.isArray(list));

function unpack(frame: Uint8Array, what: string): unknown {
  try {
    return valueCodec.unpack(privateBytes(frame));
  } catch (cause) {
    // Lets go of the bytes and of what was half read.
    clearSource();
    throw badDocument(`${what} is not msgpack`, cause);
  }
}

/** Packs the small header of a call template. */
export function packHeader(header: readonly unknown[]): Uint8Array {
  return valueCodec.pack(header);
}

export function unpackHeader(frame: Uint8Array): unknown {
  return unpack(frame, "its header");
}

export function badDocument(why: string, cause?: unknown): FunctionShipError {
  return new FunctionShipError("BAD_DOCUMENT", {
    what: `the received value cannot be read: ${why}`,
    hint: "check that both ends run the same version of @acme/serialize",
    cause,
  });
}

/** What a decoder stumbled over in a document that no encoder made: one kind of error for all. */
export function asBadDocument(error: unknown): unknown {
  if (isAcmeError(error) || !(error instanceof Error)) return error;
  return badDocument(`${error.name}: ${error.message}`, error);
}

// Text decoders refuse shared memory, and another thread may write to it while we read.
function privateBytes(frame: Uint8Array): Uint8Array {
  return frame.buffer instanceof SharedArrayBuffer ? Buffer.from(frame) : frame;
}
