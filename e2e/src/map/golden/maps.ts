// The maps of acme-maps.py once more, as a TypeScript user writes them: same names, same values.
// Numbers that Python calls int are given as typed arrays of integers.

import type { ComputeMapOptions } from "@acme/client";
import { type Client, ParallelMap, range } from "@acme/client";

const scaled = (x: number, y: number) => (x + y) * 3;
const pair = (x: number) => [x, 2 * x];
const triple = (x: number) => [x, 2 * x, 3 * x];
const named = (x: number) => `subject ${x} é`;
const labels = (x: number) => ["left", `right ${x}`];
const arrays = (x: number) => [
  { data: new Float64Array(6).fill(x / 4), shape: [2, 3] },
  BigInt64Array.from({ length: 4 }, (_, i) => BigInt(i + x)),
];
const numeric = (x: number) => [
  Float32Array.of(x, x + 1),
  Int16Array.of(-x, x),
  Uint8Array.of(x),
  [x > 3, true],
  { data: Float64Array.of(x, 1, 2, -x), shape: [2], dtype: "complex128" },
];
const mixed = (x: number) => [Float64Array.of(1, x), x, `note ${x}`];
const matrix = (x: number) => ({
  data: Float64Array.from({ length: 6 }, (_, i) => i * x),
  shape: [2, 3],
});
const stacked = (x: number) => [
  Float64Array.from({ length: 5 }, (_, i) => i + x),
  Int32Array.of(x, x),
];
const points = (x: number) => x * x;
const growing = (x: number) => ({ data: new Float64Array(3 * x).fill(x), shape: [3, x] });
const even = (x: number) => ({ data: new Float64Array(12).fill(x), shape: [3, 4] });
const record = (x: number) => ({ b: x });
const nothing = (_x: number) => null;

const xs = [2, 4, 6, 8];

interface GoldenMap {
  readonly map: Pick<ParallelMap<readonly unknown[], unknown>, "compute" | "resultsContainer">;
  readonly options?: ComputeMapOptions;
}

/** By the name that acme-maps.py gives them. */
export const maps: Readonly<Record<string, GoldenMap>> = {
  scaled: { map: new ParallelMap(scaled, xs, 4) },
  pair: { map: new ParallelMap(pair, xs) },
  triple: { map: new ParallelMap(triple, xs) },
  named: { map: new ParallelMap(named, xs) },
  labels: { map: new ParallelMap(labels, xs) },
  arrays: { map: new ParallelMap(arrays, xs) },
  numeric: { map: new ParallelMap(numeric, xs) },
  mixed: { map: new ParallelMap(mixed, xs) },
  many: { map: new ParallelMap(points, range(12)) },
  matrix: { map: new ParallelMap(matrix, xs), options: { resultShape: [2, 3, null] } },
  "matrix first": {
    map: new ParallelMap(matrix, xs),
    options: { resultShape: [null, 2, 3], resultDtype: "float32" },
  },
  stacked: { map: new ParallelMap(stacked, xs), options: { resultShape: [null, 5] } },
  points: { map: new ParallelMap(points, xs), options: { resultShape: [null] } },
  even: { map: new ParallelMap(even, xs), options: { resultShape: [null, 3, Infinity] } },
  growing: { map: new ParallelMap(growing, xs), options: { resultShape: [null, 3, Infinity] } },
  single: { map: new ParallelMap(arrays, xs), options: { output: "single" } },
  "single scalars": { map: new ParallelMap(scaled, xs, 4), options: { output: "single" } },
  "single stacked": {
    map: new ParallelMap(stacked, xs),
    options: { output: "single", resultShape: [null, 5] },
  },
  "single even": {
    map: new ParallelMap(even, xs),
    options: { output: "single", resultShape: [null, 3, Infinity] },
  },
  serialized: { map: new ParallelMap(scaled, xs, 4), options: { output: "serialized" } },
  record: { map: new ParallelMap(record, xs) },
  nothing: { map: new ParallelMap(nothing, xs) },
};

/** Computes one of them into a folder, and says what ACME's program says of its own. */
export async function runGolden({ map, options = {} }: GoldenMap, outputDir: string, on: Client) {
  const relative = (path: string) => path.slice(outputDir.length + 1);
  const paths = await map.compute({
    ...options,
    outputDir,
    client: on,
    progress: false,
    logfile: false,
  });
  const container = map.resultsContainer;
  return {
    paths: (paths as string[]).map(relative),
    container: container === undefined ? null : relative(container),
  };
}
