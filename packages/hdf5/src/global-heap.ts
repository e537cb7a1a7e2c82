// The global heap: where text of variable length and virtual mappings live, in collections of at
// most 65535 objects. It hands out references (collection address, index) and knows no messages.
import { ByteWriter } from "./bytes.js";
import type { FileBody } from "./file-body.js";
import { HEAP_COLLECTION_BYTES, HEAP_COLLECTION_MIN_BYTES, HEAP_OBJECTS_MAX } from "./limits.js";

const HEADER_BYTES = 16;
const OBJECT_HEADER_BYTES = 16;
const ALIGNMENT = 8;

export interface HeapReference {
  readonly address: number;
  readonly index: number;
}

/** One object's room in a collection. */
function roomOf(object: Uint8Array): number {
  return OBJECT_HEADER_BYTES + Math.ceil(object.length / ALIGNMENT) * ALIGNMENT;
}

export class GlobalHeap {
  readonly #body: FileBody;
  /** Small objects of different owners share this collection until it is full. */
  #shared: Collection | undefined;

  constructor(body: FileBody) {
    this.#body = body;
  }

  /** Stores objects and returns their references in the same order. */
  store(objects: readonly Uint8Array[]): HeapReference[] {
    const references: HeapReference[] = [];
    let first = 0;
    while (first < objects.length) {
      let room = 0;
      let end = first;
      while (end < objects.length && end - first < HEAP_OBJECTS_MAX) {
        const next = room + roomOf(objects[end]!);
        if (end > first && next > HEAP_COLLECTION_BYTES) break;
        room = next;
        end++;
      }
      this.#storeBatch(objects.slice(first, end), room, references);
      first = end;
    }
    return references;
  }

  #storeBatch(objects: readonly Uint8Array[], room: number, references: HeapReference[]): void {
    const sharedRoom = HEAP_COLLECTION_MIN_BYTES - HEADER_BYTES - OBJECT_HEADER_BYTES;
    const collection = room <= sharedRoom ? this.#sharedWith(room) : this.#create(room);
    for (const object of objects) references.push(collection.add(object));
  }

  #sharedWith(room: number): Collection {
    if (this.#shared === undefined || this.#shared.free < room) {
      this.#shared = this.#create(HEAP_COLLECTION_MIN_BYTES - HEADER_BYTES - OBJECT_HEADER_BYTES);
    }
    return this.#shared;
  }

  #create(room: number): Collection {
    const bytes = Math.max(HEAP_COLLECTION_MIN_BYTES, HEADER_BYTES + room + OBJECT_HEADER_BYTES);
    return new Collection(this.#body, bytes);
  }
}

/** A collection at a fixed place in the file, filled object by object. */
class Collection {
  readonly #bytes: Buffer;
  readonly #address: number;
  #used = HEADER_BYTES;
  #count = 0;

  constructor(body: FileBody, bytes: number) {
    this.#bytes = Buffer.alloc(bytes);
    const header = new ByteWriter().ascii("GCOL").u8(1).zeros(3).u64(bytes).finish();
    this.#bytes.set(header, 0);
    this.#address = body.appendShared(this.#bytes);
    this.#markFree();
  }

  /** Bytes left for objects and their headers. */
  get free(): number {
    return this.#bytes.length - this.#used - OBJECT_HEADER_BYTES;
  }

  add(object: Uint8Array): HeapReference {
    const index = ++this.#count;
    const header = new ByteWriter().u16(index).u16(0).u32(0).u64(object.length).finish();
    this.#bytes.set(header, this.#used);
    this.#bytes.set(object, this.#used + OBJECT_HEADER_BYTES);
    this.#used += roomOf(object);
    this.#markFree();
    return { address: this.#address, index };
  }

  #markFree(): void {
    // Object 0 is the free space; its size counts its own header.
    this.#bytes.fill(0, this.#used, this.#used + 8);
    this.#bytes.writeBigUInt64LE(BigInt(this.#bytes.length - this.#used), this.#used + 8);
  }
}
