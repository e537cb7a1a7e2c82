// Bytes that no peer of ours would send: broken frames, broken handshakes, noise, TLS that is none,
// senders that stop in the middle or take for ever. Each connection gets one piece of them.
import { connect as connectTcp, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { type Address, parseAddress, type Security } from "@acme/comm";
import { encodeMessage, frameHeader, isAcmeError } from "@acme/protocol";
import { Random } from "../sim/random.js";
import { makeInput } from "./directions.js";
import type { Vocabulary } from "./vocabulary.js";

export interface RawOptions {
  readonly seed: number;
  readonly names: Vocabulary;
  readonly security: Security;
  readonly address: string;
  readonly onInput: () => void;
}

const hello = { compression: null, python: [3, 11, 2], "pickle-protocol": 5 };
const patienceMs = 1_500;
const slowByteMs = 20;

/** Sends one piece of broken bytes, and waits until the peer has ended the connection. */
export async function sendRawBytes(options: RawOptions): Promise<void> {
  const random = new Random(options.seed);
  const place = parseAddress(options.address);
  const encrypted = random.chance(0.85);
  const socket = encrypted ? openTls(place, options.security) : openTcp(place);
  const ended = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  socket.on("error", () => socket.destroy());
  socket.resume();
  const patience = setTimeout(() => socket.destroy(), patienceMs);
  for (const piece of encrypted ? framesGoneWrong(random, options) : plainNoise(random)) {
    if (socket.destroyed) break;
    socket.write(piece);
    options.onInput();
  }
  const way = random.next();
  if (way < 0.3) socket.end();
  else if (way < 0.5) await dribble(socket, random);
  await ended;
  clearTimeout(patience);
}

function openTcp({ host, port }: Address): Socket {
  return connectTcp({ host, port });
}

function openTls({ host, port }: Address, { ca, cert, key }: Security): Socket {
  return connectTls({
    host,
    port,
    ca,
    cert,
    key,
    minVersion: "TLSv1.3",
    checkServerIdentity: () => undefined,
  });
}

async function dribble(socket: Socket, random: Random): Promise<void> {
  for (let left = random.below(20); left > 0 && !socket.destroyed; left--) {
    socket.write(Buffer.of(random.below(256)));
    await new Promise((resolve) => setTimeout(resolve, slowByteMs));
  }
}

/** What a TLS port gets from those who speak none, or some. */
function plainNoise(random: Random): Buffer[] {
  return [
    random.pick([
      Buffer.from("GET / HTTP/1.1\r\nHost: x\r\n\r\n"),
      bytesOf(hello),
      Buffer.from("160301020001000001fc0303", "hex"),
      Buffer.from("1603010005010000010", "latin1"),
      Buffer.concat([Buffer.of(0x16, 3, 1, 255, 255), noise(random, 300)]),
      Buffer.from("15030100020100", "hex"),
      noise(random, 64),
      Buffer.alloc(0),
    ]),
  ];
}

const noise = (random: Random, length: number): Buffer =>
  Buffer.from(Array.from({ length: random.below(length) }, () => random.below(256)));

function bytesOf(message: object): Buffer {
  const frames = encodeMessage(message);
  return Buffer.concat([frameHeader(frames), ...frames]);
}

function framesGoneWrong(random: Random, { names }: RawOptions): Buffer[] {
  const greeting = random.chance(0.75) ? [bytesOf(hello)] : [oddHello(random)];
  const making = { random, names, flights: [] };
  const pieces: Buffer[] = [...greeting];
  for (let left = random.whole(1, 3); left > 0; left--) {
    try {
      const input = makeInput("scheduler rpc", making, {
        sound: 0.9,
        without: (op) => harmful.has(op),
      });
      pieces.push(bytesOf(input.message));
    } catch (error) {
      if (!isAcmeError(error)) throw error;
    }
  }
  const last = pieces.pop() ?? Buffer.alloc(0);
  return [...pieces, broken(last, random)];
}

/** A whole message may be among the pieces; it must not end the experiment. */
const harmful: ReadonlySet<string> = new Set([
  "terminate",
  "restart",
  "restart_workers",
  "retire_workers",
]);

function oddHello(random: Random): Buffer {
  return bytesOf(
    random.pick<object>([
      { ...hello, compression: "lz4" },
      { ...hello, compression: ["zlib", "snappy"] },
      { ...hello, "pickle-protocol": "5" },
      { ...hello, "pickle-protocol": Number.NaN },
      { ...hello, python: null },
      {},
      [hello],
      { op: "identity" },
    ]),
  );
}

/** Flips, cuts, grows, and lies about counts and lengths. */
function broken(bytes: Buffer, random: Random): Buffer {
  const copy = Buffer.from(bytes);
  const word = (at: number, value: bigint) => {
    if (copy.length >= at + 8) copy.writeBigUInt64LE(value, at);
    return copy;
  };
  const giant = random.pick([0n, 1n, 2n ** 20n, 2n ** 32n, 2n ** 40n, 2n ** 63n, 2n ** 64n - 1n]);
  switch (random.below(8)) {
    case 0:
      return word(0, giant);
    case 1:
      return word(8, giant);
    case 2:
      return word(16, giant);
    case 3:
      return word(24, giant);
    case 4:
      return copy.subarray(0, random.below(copy.length));
    case 5:
      return Buffer.concat([copy, noise(random, 40)]);
    case 6:
      return noise(random, 200);
    default:
      for (let left = random.whole(1, 4); left > 0; left--) {
        copy[16 + random.below(Math.max(1, copy.length - 16))] = random.below(256);
      }
      return copy;
  }
}
