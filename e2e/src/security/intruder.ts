// A peer that has no business here: connects in every way it can without the credentials, sends all
// requests that it knows, and listens. It knows the protocol perfectly and checks nobody.
import { connect as connectTcp, type Socket } from "node:net";
import { type ConnectionOptions, connect as connectTls } from "node:tls";
import { makeCertificates } from "@acme/credentials";
import { encodeMessage, frameHeader, wsFrameCount } from "@acme/protocol";

/** How it tries to get in. */
export const approaches = {
  "in plaintext": undefined,
  "over TLS without certificate": {},
  "with the certificate of another cluster": pair("elsewhere"),
  "with an expired certificate of another cluster": pair("old", { fromMs: 0, untilMs: 1000 }),
} as const satisfies Record<string, ConnectionOptions | undefined>;

export interface Outcome {
  /** What it could read: bytes of the connection, decrypted where it is. */
  readonly received: Buffer;
  /** Until the other side ended the connection. */
  readonly tookMs: number;
}

const hello = { compression: null, python: [3, 11, 2], "pickle-protocol": 5 };

/** Tries one approach at one address, with a request of each op. */
export function intrude(
  address: string,
  tls: ConnectionOptions | undefined,
  ops: readonly string[],
): Promise<Outcome> {
  const { hostname: host, port, protocol } = new URL(address.replace(/^(\w+):/, "$1x:"));
  const target = { host, port: Number(port) };
  const socket =
    tls === undefined
      ? connectTcp(target)
      : connectTls({ ...target, ...tls, rejectUnauthorized: false });
  const isWs = protocol.startsWith("w");
  const sinceMs = performance.now();
  const chunks: Buffer[] = [];
  return new Promise((resolve) => {
    socket.on("data", (chunk: Buffer) => chunks.push(chunk));
    socket.on("error", () => {});
    socket.once("connect", () => send(socket, isWs, ops));
    socket.once("close", () => {
      resolve({ received: Buffer.concat(chunks), tookMs: performance.now() - sinceMs });
    });
  });
}

function send(socket: Socket, isWs: boolean, ops: readonly string[]): void {
  if (isWs) socket.write(upgrade);
  for (const message of [hello, ...ops.map((op) => ({ op, reply: true, ...everyField }))]) {
    const frames = encodeMessage(message);
    if (isWs) for (const frame of [wsFrameCount(frames), ...frames]) socket.write(wsFrame(frame));
    else socket.write(Buffer.concat([frameHeader(frames), ...frames]));
  }
}

/** Enough for any op to be taken for a good one. */
const everyField = {
  address: "tcp://127.0.0.1:1",
  client: "Client-intruder",
  keys: ["intruder"],
  name: "intruder",
  reason: "intruder",
};

const upgrade = [
  "GET / HTTP/1.1",
  "Host: localhost",
  "Upgrade: websocket",
  "Connection: Upgrade",
  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
  "Sec-WebSocket-Version: 13",
  "\r\n",
].join("\r\n");

/** A masked binary frame with a mask of zeros. */
function wsFrame(payload: Uint8Array): Buffer {
  const { length } = payload;
  const size = length < 126 ? [0x80 | length] : [0xfe, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.of(0x82, ...size, 0, 0, 0, 0), payload]);
}

function pair(name: string, validity?: { fromMs: number; untilMs: number }) {
  const { cert, key } = makeCertificates(name, validity);
  return { cert, key };
}
