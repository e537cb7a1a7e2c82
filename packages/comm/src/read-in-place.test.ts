// That accepted sockets read into given buffers: a version of node that does not would be slower
// without a word.
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { expect, it } from "vitest";
import { readInPlace } from "./read-in-place.js";

async function accepted(prepare: (socket: Socket) => void): Promise<[Socket, Socket]> {
  const server = createServer(prepare);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  const near = connect(port, "127.0.0.1");
  const [far] = (await once(server, "connection")) as [Socket];
  server.close();
  return [near, far];
}

it("reads into the buffers it is given, and sees the end", async () => {
  const target = new Uint8Array(new SharedArrayBuffer(8));
  let at = 0;
  let end = () => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  const [near] = await accepted((socket) => {
    const inPlace = readInPlace(socket, {
      buffer: () => target.subarray(at),
      callback: (bytes) => {
        at += bytes;
        if (at === 2) near.end("llo");
        return true;
      },
    });
    expect(inPlace).toBe(true);
    socket.on("end", () => end());
  });
  near.write("he");
  await ended;
  expect(Buffer.from(target.subarray(0, at)).toString()).toBe("hello");
});

it("leaves a socket alone that has read already", async () => {
  const [near, far] = await accepted(() => {});
  near.write("early");
  await once(far, "readable");
  const untouched = () => {
    throw new Error("asked for a buffer");
  };
  expect(readInPlace(far, { buffer: untouched, callback: untouched })).toBe(false);
  expect(String(far.read())).toBe("early");
  near.destroy();
  far.destroy();
});
