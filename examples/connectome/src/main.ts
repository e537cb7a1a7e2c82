// The demo: partial correlations between 28 brain regions in sliding windows over a real recording,
// with bootstrapped standard errors, on all cores of this machine. Run by `pnpm demo`.
import { writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { Client, LocalCluster, ParallelMap, range, shared } from "@acme/client";
import { computeConnectome, correlateWindow, type Design } from "./connectome.js";
import { drawMatrix } from "./picture.js";
import { type Recording, readRecording, withoutNuisance } from "./recording.js";

const recordingPath = fileURLToPath(new URL("../data/fmri_timeseries.csv", import.meta.url));

const { values: options } = parseArgs({
  options: {
    /** Bootstrap samples per window. */
    resamples: { type: "string", default: "2000" },
    /** Folder for the results; default: a new one here, with a time stamp. */
    output: { type: "string" },
  },
});

const design: Design = {
  windowSamples: 100,
  stepSamples: 3,
  resamples: Number(options.resamples),
  blockSamples: 10,
  seed: 20_240_501,
};

/** What is kept with the results, so that they can be computed again. */
const provenance = {
  window_samples: design.windowSamples,
  step_samples: design.stepSamples,
  resamples: design.resamples,
  block_length: design.blockSamples,
  seed: design.seed,
  generator: "xoroshiro128plus",
};

/** Every fifth window is enough to know what all would take in one process. */
const timedStep = 5;

interface Timed {
  readonly container: string;
  readonly workers: number;
  readonly startSeconds: number;
  readonly mapSeconds: number;
  /** Windows that were computed now; the others were there. */
  readonly computed: number;
}

await main();

async function main(): Promise<void> {
  const recording = withoutNuisance(await readRecording(recordingPath));
  const windows = Math.floor((recording.samples - design.windowSamples) / design.stepSamples) + 1;
  console.log(
    `${recording.regions.length} regions, ${recording.samples} samples: ${windows} windows of ` +
      `${design.windowSamples} samples every ${design.stepSamples}, each with ` +
      `${design.resamples} block-bootstrap resamples (block length ${design.blockSamples})`,
  );
  const timed = await computeAll(recording, windows);
  const picture = await drawMean(recording, windows, dirname(timed.container));
  report(timed, windows, timeInThisProcess(recording, windows), picture);
}

async function computeAll({ signals, regions }: Recording, windows: number): Promise<Timed> {
  const started = performance.now();
  const cluster = await LocalCluster.start();
  const client = await Client.connect(cluster);
  try {
    const workers = cluster.nWorkers;
    await client.waitForWorkers(workers);
    const ready = performance.now();
    const n = regions.length;
    const pmap = new ParallelMap(
      computeConnectome,
      range(windows),
      shared(signals),
      n,
      shared(design),
    );
    let found = 0;
    await pmap.compute({
      client,
      outputDir: options.output,
      onProgress: ({ resumed }) => {
        found = resumed;
      },
      resultShape: [n, n, null],
      attributes: { regions, ...provenance },
    });
    return {
      container: pmap.resultsContainer as string,
      workers,
      startSeconds: (ready - started) / 1_000,
      mapSeconds: (performance.now() - ready) / 1_000,
      computed: windows - found,
    };
  } finally {
    await client.close();
    await cluster.close();
  }
}

/** Seconds for one window after another, without a cluster; the first one warms the code up. */
function timeInThisProcess({ signals, regions }: Recording, windows: number) {
  const timed = range(0, windows, timedStep);
  computeConnectome(0, signals, regions.length, design);
  const started = performance.now();
  for (const window of timed) computeConnectome(window, signals, regions.length, design);
  return { windows: timed.length, seconds: (performance.now() - started) / 1_000 };
}

async function drawMean(recording: Recording, windows: number, folder: string): Promise<string> {
  const { regions, signals } = recording;
  const n = regions.length;
  const mean = new Float64Array(n * n);
  for (const window of range(windows)) {
    const { data } = correlateWindow(window, signals, n, design);
    for (let at = 0; at < mean.length; at++) mean[at]! += data[at]! / windows;
  }
  const svg = drawMatrix({
    title: "Partial correlation at rest",
    subtitle: `mean of ${windows} windows of ${design.windowSamples} samples, one subject`,
    names: regions,
    values: mean,
    divideAt: regions.findIndex((name) => name.startsWith("R")),
  });
  const path = join(folder, "connectome.svg");
  await writeFile(path, svg);
  return path;
}

function report(
  timed: Timed,
  windows: number,
  alone: { readonly windows: number; readonly seconds: number },
  picture: string,
): void {
  const { container, workers, startSeconds, mapSeconds, computed } = timed;
  const scaled = (alone.seconds / alone.windows) * windows;
  // Results that were there already say nothing of how fast they were made.
  const speedUp =
    computed < windows
      ? `${windows - computed} of ${windows} windows were there already: no speed-up to tell`
      : `speed-up: ${(scaled / mapSeconds).toFixed(2)}`;
  const here = (path: string) => relative(process.cwd(), path);
  const lines = [
    "",
    `${workers} worker processes on ${availableParallelism()} cores: ${windows} windows in ` +
      `${mapSeconds.toFixed(1)} s, files included (the cluster was up after ` +
      `${startSeconds.toFixed(1)} s)`,
    `one process: ${alone.windows} windows (every ${timedStep}th) in ${alone.seconds.toFixed(1)} s, ` +
      `which makes ${scaled.toFixed(1)} s for ${windows}`,
    speedUp,
    "",
    `results: ${here(container)}`,
    `picture: ${here(picture)}`,
    "",
    "read them in Python:",
    "  import h5py",
    `  r = h5py.File("${here(container)}")["result_0"][()]  # regions x regions x windows`,
  ];
  console.log(lines.join("\n"));
}
