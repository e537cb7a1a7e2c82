// The program that opens spoilt values, functions and calls: in a process of its own, with little
// memory, since what is looked for is that it dies, hangs, or runs what it was not given to run.

import { isAcmeError } from "@acme/protocol";
import {
  decodeCall,
  decodeError,
  decodeValue,
  encodeError,
  encodeItems,
  encodeTemplate,
  encodeValue,
  item,
  loadFunction,
  packFunction,
} from "@acme/serialize";
import { Random } from "../sim/random.js";
import { spoilBytes } from "./mutate.js";

export interface PackedTask {
  readonly seed: number;
  readonly inputs: number;
}

/** How the spoilt payloads ended. */
export interface PackedReport {
  readonly inputs: number;
  readonly opened: number;
  readonly refused: number;
  /** Errors that do not say what they are, with how often, and the seed of one. */
  readonly unclear: Readonly<Record<string, { count: number; seed: number }>>;
  /** What no payload may do. */
  readonly alarms: readonly string[];
  readonly slowestMs: number;
}

interface Sample {
  readonly name: string;
  readonly frames: readonly Uint8Array[];
  readonly open: (frames: readonly Uint8Array[]) => unknown;
}

type Global = typeof globalThis & { fuzzWasHere?: unknown };

/** As long as the text that it replaces in the samples, so that all lengths still hold. */
const harmless = "globalThis.fuzzWasHere = 0001";
const harm = "globalThis.fuzzWasHere = true";
const openMs = 2_000;

async function samples(): Promise<Sample[]> {
  const shared = { text: harmless, list: [1, 2n, null, undefined, Number.NaN] };
  const value = {
    ...shared,
    again: shared,
    date: new Date(0),
    pattern: /a+/g,
    map: new Map<unknown, unknown>([[shared, new Set([harmless])]]),
    numbers: Float64Array.of(1, 2, 3),
    large: new Uint8Array(5_000).fill(7),
    error: new RangeError(harmless),
    [harmless]: harmless,
  };
  const plain = await encodeValue([1, "two", { three: [harmless, 4.5, null] }]);
  const graph = await encodeValue(value);
  const offset = 10;
  const words = [harmless];
  const closure = await packFunction((x: number) => `${x + offset} ${words[0]}`);
  const builtin = await packFunction(Math.max as never);
  const template = await encodeTemplate({
    fn: (a: number, b: unknown) => [a, b, words],
    args: [item(0), shared],
  });
  const [row] = await encodeItems([[[1, value]]]);
  const asValue = (frames: readonly Uint8Array[]) => decodeValue(frames);
  const asFunction = (frames: readonly Uint8Array[]) => loadFunction(frames);
  const found: Sample[] = [
    { name: "plain value", frames: plain.frames, open: asValue },
    { name: "value", frames: graph.frames, open: asValue },
    { name: "closure", frames: closure.frames, open: asFunction },
    { name: "builtin", frames: builtin.frames, open: asFunction },
    { name: "error", frames: encodeError(new TypeError(harmless)).frames, open: decodeError },
  ];
  const rowFrames = row?.frames ?? [];
  const cut = template.frames.length;
  found.push({
    name: "call",
    frames: [...template.frames, ...rowFrames],
    open: (frames) => decodeCall(frames.slice(0, cut), frames.slice(cut)),
  });
  return found;
}

async function main({ seed, inputs }: PackedTask): Promise<PackedReport> {
  const all = await samples();
  const report = { opened: 0, refused: 0, slowestMs: 0, alarms: [] as string[] };
  const unclear: Record<string, { count: number; seed: number }> = {};
  for (let i = 0; i < inputs; i++) {
    const random = new Random(seed + i);
    const sample = random.pick(all);
    const startedMs = performance.now();
    try {
      await inTime(sample.open(spoilFrames(sample.frames, random)));
      report.opened += 1;
    } catch (error) {
      report.refused += 1;
      if (!isAcmeError(error)) noteUnclear(unclear, sample.name, error, seed + i);
    }
    const tookMs = performance.now() - startedMs;
    report.slowestMs = Math.max(report.slowestMs, Math.round(tookMs));
    if (tookMs > openMs / 2)
      report.alarms.push(`${sample.name}: ${Math.round(tookMs)} ms, seed ${seed + i}`);
    const lasting = await lastingHarm(all.slice(0, 2));
    if (lasting !== null && report.alarms.length < 20) {
      report.alarms.push(`${sample.name}: then sound values fail: ${lasting}, seed ${seed + i}`);
    }
    for (const text of harmDone()) report.alarms.push(`${sample.name}: ${text}, seed ${seed + i}`);
    if (i % 500 === 0) process.send?.({ progress: i });
  }
  return { ...report, inputs, unclear };
}

function noteUnclear(
  unclear: Record<string, { count: number; seed: number }>,
  name: string,
  error: unknown,
  seed: number,
): void {
  const { name: kind, message, stack = "" } = error as Error;
  const place = /packages\/(\S+?:\d+)/.exec(stack)?.[1] ?? "";
  const text = `${name}: ${kind}: ${String(message).slice(0, 60)} ${place}`;
  const known = unclear[text];
  if (known !== undefined) known.count += 1;
  else if (Object.keys(unclear).length < 40) unclear[text] = { count: 1, seed };
}

async function inTime(work: unknown): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error("did not end")), openMs);
  });
  try {
    await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** A payload that was refused must leave the decoder as it was. */
async function lastingHarm(sound: readonly Sample[]): Promise<string | null> {
  try {
    for (const { open, frames } of sound) await open(frames);
    return null;
  } catch (error) {
    const { message, cause } = error as Error;
    return `${message} (${(cause as Error | undefined)?.message})`.slice(0, 300);
  }
}

const untouched = [Object.prototype, Array.prototype, Function.prototype].map(
  (one) => [one, Reflect.ownKeys(one).length] as const,
);

function harmDone(): string[] {
  const found: string[] = [];
  const global = globalThis as Global;
  if (global.fuzzWasHere !== undefined) {
    found.push("text of a value was run");
    delete global.fuzzWasHere;
  }
  for (const [one, count] of untouched) {
    if (Reflect.ownKeys(one).length !== count) found.push("a prototype was changed");
  }
  return found;
}

/** One change or a few; sometimes text becomes code, where text is data. */
function spoilFrames(frames: readonly Uint8Array[], random: Random): Uint8Array<ArrayBufferLike>[] {
  // Not slice(): of a Buffer that is no copy.
  const copy: Uint8Array[] = frames.map((frame) => new Uint8Array(frame));
  if (random.chance(0.3)) for (const frame of copy) replaceText(frame);
  for (let left = random.below(4); left > 0; left--) {
    const at = random.chance(0.7) ? 0 : random.below(copy.length);
    const frame = copy[at] ?? new Uint8Array(0);
    const choice = random.below(12);
    if (choice === 0) copy.splice(at, 1);
    else if (choice === 1) copy.push(frame);
    else if (choice === 2) copy.reverse();
    else if (choice === 3) copy[at] = withCount(frame, random);
    else if (choice < 9) flip(frame, random);
    else copy[at] = spoilBytes(frame, random);
  }
  return copy;
}

function flip(frame: Uint8Array, random: Random): void {
  if (frame.length > 0) frame[random.below(frame.length)] = random.below(256);
}

/** A head of an array, a map, text or bytes that says far more than there is. */
function withCount(frame: Uint8Array, random: Random): Uint8Array {
  const head = random.pick([0xdd, 0xdf, 0xdb, 0xc6, 0xc9]);
  const count = random.pick([2 ** 16, 2 ** 24, 2 ** 27, 2 ** 31, 2 ** 32 - 1]);
  const at = random.below(frame.length + 1);
  const grown = new Uint8Array(frame.length + 5);
  grown.set(frame.subarray(0, at));
  new DataView(grown.buffer).setUint32(at + 1, count);
  grown[at] = head;
  grown.set(frame.subarray(at), at + 5);
  return grown;
}

function replaceText(frame: Uint8Array): void {
  const bytes = Buffer.from(frame.buffer, frame.byteOffset, frame.byteLength);
  for (let at = bytes.indexOf(harmless); at >= 0; at = bytes.indexOf(harmless, at + 1)) {
    bytes.write(harm, at, "latin1");
  }
}

process.once("message", (task) => {
  void main(task as PackedTask).then((report) => {
    process.send?.({ report });
    process.disconnect();
  });
});
