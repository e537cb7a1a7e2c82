// Prints what packing and unpacking cost per message, beside msgpackr with dask's settings (which
// checks nothing), and what framing costs. Run after a build: node packages/protocol/bench/wire-codec.js
import { Packr, Unpackr } from "msgpackr";
import { decodeMessage, encodeMessage, FrameParser, frameHeader, Pickled } from "../dist/index.js";

const settings = { useRecords: false, mapsAsObjects: false, int64AsType: "auto" };
const packr = new Packr({ ...settings, variableMapSize: true });
const unpackr = new Unpackr(settings);

const hash = (i) => ((i * 2654435761) >>> 0).toString(16).padStart(8, "0");
const keyOf = (i) => `inc-${hash(i)}0123456789abcdef01234567`;
const computeTask = (i, runSpec) => ({
  op: "compute-task",
  key: keyOf(i),
  run_id: i,
  priority: [0, 1, i],
  stimulus_id: `compute-task-1700000000.${i}`,
  who_has: { [keyOf(i + 1)]: ["tcp://127.0.0.1:40001"] },
  nbytes: { [keyOf(i + 1)]: 28 },
  run_spec: runSpec,
  resource_restrictions: null,
  actor: false,
  annotations: {},
  span_id: null,
});
const taskFinished = (i) => ({
  op: "task-finished",
  key: keyOf(i),
  run_id: i,
  nbytes: 28,
  type: new Uint8Array(31),
  typename: "int",
  metadata: {},
  thread: 140,
  startstops: [{ action: "compute", start: 1.7e9 + i / 7, stop: 1.7e9 + i / 3 }],
  stimulus_id: `task-finished-1700000000.${i}`,
  status: "OK",
});

const variants = 500;
const each = (make) => Array.from({ length: variants }, (_, i) => make(i));
const batch = (make) => (j) => Array.from({ length: 100 }, (_, i) => make(100 * j + i));
const fresh = (frames) => frames.map((f) => new Uint8Array(f.buffer, f.byteOffset, f.length));

function measure(name, perCall, call) {
  const rounds = Math.ceil(60_000 / perCall);
  for (let i = 0; i < rounds / 2; i++) call(i % variants);
  const costs = [];
  for (let run = 0; run < 7; run++) {
    const before = process.cpuUsage();
    for (let i = 0; i < rounds; i++) call(i % variants);
    const { user, system } = process.cpuUsage(before);
    costs.push((user + system) / rounds / perCall);
  }
  costs.sort((a, b) => a - b);
  const [least, median, most] = [costs[0], costs[3], costs[6]].map((cost) => cost.toFixed(2));
  console.log(`${name.padEnd(46)} ${median} us [${least}..${most}]`);
}

function compare(name, perCall, messages) {
  const ours = messages.map((message) => encodeMessage(message));
  const bytes = ours[0].reduce((sum, frame) => sum + frame.length, 0);
  console.log(`\n${name}: ${(bytes / perCall).toFixed(0)} bytes each`);
  measure("  encodeMessage", perCall, (i) => encodeMessage(messages[i]));
  if (ours[0].length === 1) measure("  msgpackr pack", perCall, (i) => packr.pack(messages[i]));
  measure("  decodeMessage", perCall, (i) => decodeMessage(fresh(ours[i])));
  if (ours[0].length > 1) return;
  measure("  msgpackr unpack", perCall, (i) => unpackr.unpack(fresh(ours[i])[0]));
}

const pickle = new Uint8Array(150);
compare(
  "compute-task",
  1,
  each((i) => computeTask(i, new Uint8Array(60))),
);
compare(
  "compute-task with a pickled run spec",
  1,
  each((i) => computeTask(i, Pickled.of(pickle))),
);
compare("compute-task, batch of 100", 100, each(batch((i) => computeTask(i, new Uint8Array(60)))));
compare("task-finished, batch of 100", 100, each(batch(taskFinished)));

console.log("\nframing");
const frames = encodeMessage(batch(taskFinished)(0));
const small = encodeMessage({ op: "heartbeat" });
const stream = Buffer.concat([frameHeader(frames), ...frames]);
const smallStream = Buffer.concat(Array(64).fill(Buffer.concat([frameHeader(small), ...small])));
const parser = new FrameParser({ onMessage: () => {} });
measure("  frameHeader, 1 frame", 1, () => frameHeader(frames));
measure("  FrameParser, message of 25 kB in one chunk", 1, () => parser.push(stream));
measure("  FrameParser, small messages, 64 in a chunk", 64, () => parser.push(smallStream));
const large = [small[0], new Uint8Array(2 ** 24)];
const largeStream = Buffer.concat([frameHeader(large), ...large]);
const started = process.hrtime.bigint();
for (let run = 0; run < 20; run++) {
  for (let at = 0; at < largeStream.length; at += 65_536) {
    parser.push(largeStream.subarray(at, at + 65_536));
  }
}
const seconds = Number(process.hrtime.bigint() - started) / 1e9;
const rate = ((20 * largeStream.length) / seconds / 1e6).toFixed(0);
console.log(`  FrameParser, 16 MiB frame in 64 KiB chunks      ${rate} MB/s`);
