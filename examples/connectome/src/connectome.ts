// The analysis of one window, a plain function that was never written for a cluster: partial
// correlations and their block-bootstrap standard error. Knows nothing of tasks or files.
import { inverse, Matrix } from "ml-matrix";
import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";

/** How windows are cut and resampled. */
export interface Design {
  readonly windowSamples: number;
  readonly stepSamples: number;
  readonly resamples: number;
  readonly blockSamples: number;
  readonly seed: number;
}

/** A square matrix, row-major. */
export interface SquareMatrix {
  readonly data: Float64Array;
  readonly shape: readonly [number, number];
}

/** Sums over a stretch of samples, from which means and covariances of any union follow. */
interface Moments {
  readonly sums: Float64Array;
  readonly products: Float64Array;
}

/**
 * Partial correlation of all regions in one window, and its standard error.
 *
 * @param window - number of the window, from 0
 * @param signals - cleaned signals, samples by regions, row-major
 * @param regions - how many regions
 * @returns the correlation matrix and the matrix of standard errors
 */
export function computeConnectome(
  window: number,
  signals: Float64Array,
  regions: number,
  design: Design,
): [SquareMatrix, SquareMatrix] {
  const rows = windowRows(window, signals, regions, design);
  return [
    correlateWindow(window, signals, regions, design),
    { data: bootstrapError(rows, regions, window, design), shape: [regions, regions] },
  ];
}

/** The estimate alone; parameters as those of {@link computeConnectome}. */
export function correlateWindow(
  window: number,
  signals: Float64Array,
  regions: number,
  design: Design,
): SquareMatrix {
  const rows = windowRows(window, signals, regions, design);
  const whole = moments(rows, design.windowSamples, regions);
  const data = partialCorrelation(whole, design.windowSamples, regions);
  return { data, shape: [regions, regions] };
}

function windowRows(
  window: number,
  signals: Float64Array,
  regions: number,
  { windowSamples, stepSamples }: Design,
): Float64Array {
  const first = window * stepSamples;
  return signals.subarray(first * regions, (first + windowSamples) * regions);
}

function moments(rows: Float64Array, samples: number, regions: number): Moments {
  const matrix = Matrix.from1DArray(samples, regions, rows);
  return {
    sums: Float64Array.from(matrix.sum("column")),
    products: Float64Array.from(matrix.transpose().mmul(matrix).to1DArray()),
  };
}

function partialCorrelation({ sums, products }: Moments, n: number, regions: number): Float64Array {
  const covariance = new Float64Array(regions * regions);
  for (let i = 0, at = 0; i < regions; i++) {
    for (let j = 0; j < regions; j++, at++) {
      covariance[at] = (products[at]! - (sums[i]! * sums[j]!) / n) / (n - 1);
    }
  }
  const precision = inverse(Matrix.from1DArray(regions, regions, covariance));
  const result = covariance.fill(1);
  for (let i = 0; i < regions; i++) {
    for (let j = 0; j < i; j++) {
      const scale = Math.sqrt(precision.get(i, i) * precision.get(j, j));
      const value = -precision.get(i, j) / scale;
      result[i * regions + j] = value;
      result[j * regions + i] = value;
    }
  }
  return result;
}

/** Blocks overlap and are drawn with replacement; each window has its own random stream. */
function bootstrapError(
  rows: Float64Array,
  regions: number,
  window: number,
  design: Design,
): Float64Array {
  const { windowSamples, blockSamples, resamples } = design;
  const starts = windowSamples - blockSamples + 1;
  const blocks = Array.from({ length: starts }, (_, start) =>
    moments(
      rows.subarray(start * regions, (start + blockSamples) * regions),
      blockSamples,
      regions,
    ),
  );
  const drawn = Math.floor(windowSamples / blockSamples);
  const random = xoroshiro128plus(design.seed + window);
  const sum = new Float64Array(regions * regions);
  const sumOfSquares = new Float64Array(regions * regions);
  for (let resample = 0; resample < resamples; resample++) {
    const pick = Array.from({ length: drawn }, () => blocks[uniformInt(random, 0, starts - 1)]!);
    const values = partialCorrelation(added(pick, regions), drawn * blockSamples, regions);
    for (let at = 0; at < values.length; at++) {
      sum[at]! += values[at]!;
      sumOfSquares[at]! += values[at]! ** 2;
    }
  }
  return sum.map((total, at) => {
    const variance = (sumOfSquares[at]! - total ** 2 / resamples) / (resamples - 1);
    return Math.sqrt(Math.max(variance, 0));
  });
}

function added(blocks: readonly Moments[], regions: number): Moments {
  const sums = new Float64Array(regions);
  const products = new Float64Array(regions * regions);
  for (const block of blocks) {
    for (let i = 0; i < sums.length; i++) sums[i]! += block.sums[i]!;
    for (let i = 0; i < products.length; i++) products[i]! += block.products[i]!;
  }
  return { sums, products };
}
