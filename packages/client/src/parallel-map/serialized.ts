// A value that HDF5 cannot hold, as the bytes of a msgpack file. Knows neither where the file goes nor
// how it gets its name.
import { encodeMessage } from "@acme/protocol";
import { encodeValue } from "@acme/serialize";
import { ResultValueError } from "./map-errors.js";

/**
 * One msgpack list of binaries, the frames that `encodeValue` makes: the first is a document of
 * msgpack itself, whose second entry is the value if it is plain data.
 *
 * @param index - number of the call, for messages
 * @throws ResultValueError for what cannot be serialized either
 */
export async function serialized(index: number, value: unknown): Promise<Uint8Array> {
  try {
    const { frames } = await encodeValue(value);
    return encodeMessage(frames)[0] as Uint8Array;
  } catch (error) {
    throw new ResultValueError(index, (error as Error).message, error);
  }
}
