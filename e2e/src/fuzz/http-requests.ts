// Requests that a browser would never make, at the scheduler's HTTP port: odd methods, paths and
// headers, too many of them, half of one, several at once, tokens that are none.
import { connect } from "node:net";
import { Random } from "../sim/random.js";
import { oddTexts } from "./vocabulary.js";

export interface HttpOptions {
  readonly seed: number;
  readonly port: number;
  readonly onInput: () => void;
}

const patienceMs = 1_500;
const paths = [
  "/",
  "/health",
  "/metrics",
  "/status",
  "/status/",
  "//health",
  "/health/..",
  "/../../../etc/passwd",
  "/%2e%2e/%2e%2e/etc/passwd",
  "/%00",
  "/%ff%fe",
  "/status?token=",
  "/status?token=__proto__",
  "/status?token=x&token=y",
  "/health?a=%",
  "http://other.host/health",
  "*",
  "health",
  "/__proto__",
  "/constructor",
];
const methods = [
  "GET",
  "GET",
  "GET",
  "HEAD",
  "POST",
  "PUT",
  "OPTIONS",
  "TRACE",
  "CONNECT",
  "X",
  "",
];

/** Sends a few requests on one connection and waits for its end. */
export async function sendHttp({ seed, port, onInput }: HttpOptions): Promise<void> {
  const random = new Random(seed);
  const socket = connect({ host: "127.0.0.1", port });
  const ended = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  socket.on("error", () => socket.destroy());
  socket.resume();
  const patience = setTimeout(() => socket.destroy(), patienceMs);
  for (let left = random.whole(1, 8); left > 0 && !socket.destroyed; left--) {
    socket.write(request(random), "latin1");
    onInput();
  }
  socket.end();
  await ended;
  clearTimeout(patience);
}

function request(random: Random): string {
  const path = random.chance(0.9)
    ? random.pick(paths)
    : `/${"a".repeat(random.pick([10, 20_000]))}`;
  const version = random.chance(0.9) ? "HTTP/1.1" : random.pick(["HTTP/1.0", "HTTP/9", "", "ICY"]);
  const lines = [`${random.pick(methods)} ${path} ${version}`, ...headers(random)];
  const end = random.chance(0.9) ? "\r\n\r\n" : random.pick(["", "\n\n", "\r\n", "\0"]);
  return `${lines.join("\r\n")}${end}`;
}

function headers(random: Random): string[] {
  const found = random.chance(0.9) ? ["Host: localhost"] : [];
  if (random.chance(0.3)) found.push(`Authorization: Bearer ${token(random)}`);
  if (random.chance(0.2)) found.push(`Cookie: acme-token=${token(random)}; ${token(random)}`);
  if (random.chance(0.1))
    found.push(`Content-Length: ${random.pick(["-1", "1e9", "9".repeat(30)])}`);
  if (random.chance(0.1)) found.push("Transfer-Encoding: chunked", "", "ffffffffffffffff");
  if (random.chance(0.05)) found.push("Connection: Upgrade", "Upgrade: websocket");
  if (random.chance(0.05)) {
    for (let i = 0; i < random.pick([50, 3_000]); i++) found.push(`X-${i}: ${i}`);
  }
  if (random.chance(0.05)) found.push(`X: ${"h".repeat(random.pick([1_000, 100_000]))}`);
  return found;
}

const token = (random: Random): string =>
  random.chance(0.5) ? "0123456789abcdef".repeat(4) : random.pick(oddTexts).replaceAll("\n", " ");
