// ParallelMap with files, against the program it is named after: ACME on the dask it accepts.
// How processes are started is not known here.
import { readFileSync } from "node:fs";
import { measureCpu } from "../cpu-meter.js";
import type { Repetition } from "../repetition.js";
import { type Sample, times, type Workload } from "../workload.js";

const withinMs = 120_000;
const calls = 500;
const hdf5Signature = "\x89HDF\r\n\x1a\n";

async function run(repetition: Repetition): Promise<Sample> {
  const { folder, site, system } = repetition;
  const command = repetition.commands.program("parallel-map", { calls, folder });
  if (system === "dask") {
    if (site.esiAcme === undefined) throw new Error("esi-acme is not installed");
    // Where tasks look for the function, and where ACME writes what it was not asked to write.
    Object.assign(command, { file: site.esiAcme.python, cwd: folder });
  }
  const program = repetition.start(command);
  await program.line("ready", withinMs);
  const end = measureCpu([program.group]);
  program.send("go");
  const { container, ...figures } = JSON.parse(await program.line("done", withinMs));
  repetition.disturbedBy(end());
  const begins = readFileSync(container).subarray(0, hdf5Signature.length).toString("latin1");
  if (begins !== hdf5Signature) throw new Error(`${container} is no HDF5 file`);
  const pickles = figures.picklesMilliseconds;
  const synced = figures.milliseconds;
  return {
    millisPerCall: synced / calls,
    // ACME never syncs: there is only one time to compare both of ours with.
    unsyncedPerCall: (figures.unsyncedMilliseconds ?? synced) / calls,
    ...(pickles === undefined ? {} : { picklesPerCall: pickles / calls }),
  };
}

export const parallelMap: Workload = {
  name: "parallel-map",
  measures:
    "ParallelMap of 500 tiny calls on a local cluster of 2 workers that is up, an HDF5 file per " +
    'call and a container, each synced to the disk; then the same unsynced, as ACME writes; "dask" ' +
    "is ACME from its newest release, on the dask that it accepts",
  figures: [
    {
      name: "millisPerCall",
      unit: "ms/call",
      better: "less",
      must: [times(3, "dask")],
      moonshot: [times(10, "dask")],
    },
    {
      name: "unsyncedPerCall",
      unit: "ms/call",
      better: "less",
      must: [times(3, "dask")],
      moonshot: [times(10, "dask")],
    },
    { name: "picklesPerCall", unit: "ms/call", better: "less" },
  ],
  systems: ["acme", "dask"],
  schemes: ["tcp"],
  bound:
    "the file system: half of the time a worker waits for a batch of files to be flushed, a quarter " +
    "it makes files in a folder in which the other one does too",
  next: "run the next calls while a batch is flushed",
  run,
};
