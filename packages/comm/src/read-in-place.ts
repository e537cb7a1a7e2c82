// Makes an accepted socket read into buffers of ours, as node's option `onread` does for sockets
// that connect. Node offers that to nobody else, so its own fields for it are found by their
// names; where a version of node has none, the socket delivers chunks as ever.
import type { OnReadOpts, Socket } from "node:net";

type OnRead = OnReadOpts & { buffer: () => Uint8Array };
type Fields = Record<symbol, unknown>;

/** What node's sockets hold of `onread`: the buffer, the callback, and what gives a buffer. */
const names = ["kBuffer", "kBufferCb", "kBufferGen"] as const;

let known: readonly symbol[] | undefined;

/**
 * To be called before the socket has delivered anything.
 *
 * @returns false if this version of node or this socket cannot; nothing has changed then
 */
export function readInPlace(socket: Socket, { buffer, callback }: OnRead): boolean {
  const handle = Reflect.get(socket, "_handle") as { useUserBuffer?: unknown } | null;
  if (typeof handle?.useUserBuffer !== "function" || socket.readableLength > 0) return false;
  known ??= fieldsOf(socket);
  const [kBuffer, kBufferCb, kBufferGen] = known;
  if (kBuffer === undefined || kBufferCb === undefined || kBufferGen === undefined) return false;
  const fields = socket as unknown as Fields;
  if (fields[kBuffer] !== null) return false;
  const first = buffer();
  fields[kBuffer] = first;
  fields[kBufferCb] = callback;
  fields[kBufferGen] = buffer;
  handle.useUserBuffer(first);
  return true;
}

function fieldsOf(socket: Socket): readonly symbol[] {
  const symbols = Object.getOwnPropertySymbols(socket);
  const found = names.map((name) => symbols.find(({ description }) => description === name));
  return found.every((symbol) => symbol !== undefined) ? found : [];
}
