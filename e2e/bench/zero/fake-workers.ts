// A process full of fake workers: --address tcp://… --count 64, prints "ready" once all are
// registered, a line of figures for each line that it reads, and ends with its standard input.
// --plain makes them dask's.
import { parseArgs } from "node:util";
import { readSecurity } from "@acme/comm";
import { FakeWork, FakeWorker } from "./fake-worker.js";

/** Connections being made at once: a listener's queue is finite. */
const together = 256;

const { values } = parseArgs({
  options: {
    address: { type: "string" },
    count: { type: "string", default: "64" },
    first: { type: "string", default: "0" },
    nthreads: { type: "string", default: "1" },
    "inline-bytes": { type: "string", default: "0" },
    plain: { type: "boolean", default: false },
    "answers-at": { type: "string", default: "0" },
    "tls-ca-file": { type: "string" },
    "tls-cert": { type: "string" },
    "tls-key": { type: "string" },
  },
});

const security = readSecurity({
  tlsCaFile: values["tls-ca-file"],
  tlsCert: values["tls-cert"],
  tlsKey: values["tls-key"],
});
const shared = {
  address: values.address ?? "",
  security,
  nthreads: Number(values.nthreads),
  plain: values.plain,
  inlineBytes: Number(values["inline-bytes"]),
  answersAt: Number(values["answers-at"]),
};
let work = new FakeWork();
const all = { note: (nowMs, spec) => work.note(nowMs, spec) } as FakeWork;
const first = Number(values.first);
const count = Number(values.count);
const workers: FakeWorker[] = [];
for (let start = 0; start < count; start += together) {
  const size = Math.min(together, count - start);
  const starting = Array.from({ length: size }, (_, i) =>
    FakeWorker.start({ ...shared, index: first + start + i + 1 }, all),
  );
  workers.push(...(await Promise.all(starting)));
}
process.stdout.write("ready\n");
process.stdin.on("data", () => {
  process.stdout.write(`worked ${JSON.stringify(work)}\n`);
  work = new FakeWork();
});
process.stdin.on("end", () => {
  for (const worker of workers) worker.close();
  process.exit();
});
