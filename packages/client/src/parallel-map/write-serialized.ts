// Stores a value that HDF5 cannot hold as msgpack, with the same care: a file has its name only
// when it is whole. Where the file goes, and whether it is flushed, is told by others.
import { type PublishOptions, publishBytes } from "@acme/hdf5";
import { encodeMessage } from "@acme/protocol";
import { encodeValue } from "@acme/serialize";
import { ResultValueError } from "./map-errors.js";

/**
 * Publishes a value as one msgpack list of binaries, the frames that `encodeValue` makes: the
 * first is a document of msgpack itself, whose second entry is the value if it is plain data.
 *
 * @throws ResultValueError for what cannot be serialized either; Hdf5Error as publishing does
 */
export async function writeSerialized(
  path: string,
  index: number,
  value: unknown,
  how: PublishOptions = {},
): Promise<{ bytes: number; crc32: number }> {
  const { bytes, crc32 } = await publishBytes(path, [await serialized(index, value)], how);
  return { bytes, crc32 };
}

async function serialized(index: number, value: unknown): Promise<Uint8Array> {
  try {
    const { frames } = await encodeValue(value);
    return encodeMessage(frames)[0] as Uint8Array;
  } catch (error) {
    throw new ResultValueError(index, (error as Error).message, error);
  }
}
