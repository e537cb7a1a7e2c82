// Compiled with the package, never run: says with the compiler which maps are right, and what
// comes out of them.
import { each, linspace, range, shared } from "./markers.js";
import { ParallelMap } from "./parallel-map.js";
import type { StackedResults } from "./stack-values.js";
import type { One } from "./types.js";

type Same<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
declare function same<A, B>(yes: Same<A, B>): void;

const f = (x: number, y: number): number => (x + y) * 2;
const later = async (name: string, count?: number): Promise<string> => name.repeat(count ?? 1);
const mean = (at: number, signal: Float64Array): number => signal[at] ?? 0;
const rowSum = (row: number[], weights: number[]): number => row.length + weights.length;
const filter = (signal: Float64Array, options: { order: number; band: number[] }): Float64Array =>
  signal.subarray(options.order, options.band.length);
const big = (x: bigint): bigint => x;

same<One<readonly [2, 4]>, 2 | 4>(true);
same<One<Float32Array>, number>(true);
same<One<BigInt64Array>, bigint>(true);
same<One<4>, 4>(true);

/** @internal */
export async function mapsAreTyped(): Promise<void> {
  const pmap = new ParallelMap(f, [2, 4, 6, 8], 4);
  const paths = await pmap.compute();
  same<typeof paths, string[]>(true);
  const files = await pmap.compute({ output: "files", outputDir: "out" });
  same<typeof files, string[]>(true);
  const values = await pmap.compute({ output: "memory" });
  same<typeof values, number[]>(true);
  const stack = await pmap.compute({ output: "memory", resultShape: [null] });
  same<typeof stack, StackedResults>(true);
  const shaped = await pmap.compute({ resultShape: [null] });
  same<typeof shaped, string[]>(true);
  const nothing = await pmap.compute({ output: "none" });
  same<typeof nothing, undefined>(true);
  const one = await pmap.compute({ output: "single", onError: "continue" });
  same<typeof one, string[]>(true);
  const container = pmap.resultsContainer;
  same<typeof container, string | undefined>(true);
  same<(typeof pmap)["nInputs"], number>(true);

  const texts = await new ParallelMap(later, ["a", "b"]).compute({ output: "memory" });
  same<typeof texts, string[]>(true);

  new ParallelMap(f, range(51), linspace(0, 1, 51));
  new ParallelMap(f, Float32Array.of(1, 2), 4);
  new ParallelMap(mean, range(3), shared(new Float64Array(3)));
  new ParallelMap(rowSum, [[1, 2], [3]], shared([1, 2]));
  new ParallelMap(filter, [new Float64Array(3)], { order: each([1, 2]), band: shared([1, 2]) });
  new ParallelMap(filter, [new Float64Array(3)], { order: 1, band: [1, 2] });
  new ParallelMap(f, each(new Set([1, 2])), 1);
  new ParallelMap(big, BigInt64Array.of(1n));
  new ParallelMap((x, y) => x.toFixed(y), [1, 2], 3);
  const list: readonly number[] = range(3);
  new ParallelMap(f, list, 3);

  const same100 = ParallelMap.times(100, rowSum, [1, 2], [3]);
  const lengths = await same100.compute({ output: "memory" });
  same<typeof lengths, number[]>(true);
  ParallelMap.times(3, f, each([1, 2, 3]), 4);
}

/** @internal */
export function wrongMapsDoNotCompile(): void {
  // @ts-expect-error an argument is missing
  new ParallelMap(f, [2, 4]);
  // @ts-expect-error a list of the wrong type
  new ParallelMap(f, ["a"], 4);
  // @ts-expect-error a broadcast value of the wrong type
  new ParallelMap(f, [2, 4], "4");
  // @ts-expect-error a list is spread, the function wants it whole
  new ParallelMap(mean, range(3), new Float64Array(3));
  // @ts-expect-error shared() gives the list whole, the function wants a number
  new ParallelMap(f, shared([1, 2]), 4);
  // @ts-expect-error 64-bit arrays give bigints
  new ParallelMap(f, BigInt64Array.of(1n), 4);
  // @ts-expect-error a field of the wrong type
  new ParallelMap(filter, [new Float64Array(3)], { order: each(["1"]), band: [1] });
  // @ts-expect-error a field is missing
  new ParallelMap(filter, [new Float64Array(3)], { order: each([1]) });
  // @ts-expect-error times() spreads no lists
  ParallelMap.times(2, f, [1, 2], 4);
  // @ts-expect-error there is no such output
  new ParallelMap(f, [1], 2).compute({ output: "paper" });
}
