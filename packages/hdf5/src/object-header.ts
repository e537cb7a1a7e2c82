// Object headers: the list of messages that makes a group or a dataset.
// It knows framing and checksums; the bodies of the messages come from elsewhere.
import { ByteWriter } from "./bytes.js";
import { Hdf5Error } from "./errors.js";
import { MESSAGE_MAX_BYTES } from "./limits.js";
import { lookup3 } from "./lookup3.js";

export const MessageType = {
  dataspace: 0x01,
  linkInfo: 0x02,
  datatype: 0x03,
  fillValue: 0x05,
  link: 0x06,
  layout: 0x08,
  groupInfo: 0x0a,
  filters: 0x0b,
  attribute: 0x0c,
} as const;

/** Message flag: libhdf5 must never change this message. */
const CONSTANT = 1;
/** Object header flag: the size of the first chunk takes 4 bytes. */
const CHUNK_SIZE_4_BYTES = 0x02;

export class ObjectHeader {
  readonly #messages = new ByteWriter(256);

  /** Adds a message. */
  add(type: number, body: Uint8Array): this {
    return this.#add(type, body, 0);
  }

  /** Adds a message that readers must not change. */
  addConstant(type: number, body: Uint8Array): this {
    return this.#add(type, body, CONSTANT);
  }

  finish(): Uint8Array {
    const messages = this.#messages.finish();
    const writer = new ByteWriter(messages.length + 16)
      .ascii("OHDR")
      .u8(2)
      .u8(CHUNK_SIZE_4_BYTES)
      .u32(messages.length)
      .bytes(messages);
    return writer.u32(lookup3(writer.finish())).finish();
  }

  #add(type: number, body: Uint8Array, flags: number): this {
    if (body.length > MESSAGE_MAX_BYTES) {
      throw new Hdf5Error(
        "message-too-large",
        `a header message of ${body.length} bytes exceeds HDF5's ${MESSAGE_MAX_BYTES}`,
        { type, bytes: body.length, limitBytes: MESSAGE_MAX_BYTES },
      );
    }
    this.#messages.u8(type).u16(body.length).u8(flags).bytes(body);
    return this;
  }
}
