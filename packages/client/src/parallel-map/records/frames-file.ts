// Keeps an encoded value in a file of its own, as one msgpack list of binaries: functions, inputs.
// What the value is, is not known here.
import { readFile } from "node:fs/promises";
import { type PublishOptions, publishBytes } from "@acme/hdf5";
import { decodeMessage, encodeMessage } from "@acme/protocol";

/** Publishes frames durably. */
export async function writeFrames(
  path: string,
  frames: readonly Uint8Array[],
  options: PublishOptions = {},
): Promise<void> {
  await publishBytes(path, encodeMessage([...frames]), options);
}

export async function readFrames(path: string): Promise<readonly Uint8Array[]> {
  return decodeMessage([await readFile(path)]) as Uint8Array[];
}
