// How fast a series of measurements grows: the straight line that fits it best, and how sure that
// is. It must not know what was measured.

const minuteMs = 60_000;

/** Time in milliseconds, and value. */
export type Point = readonly [number, number];

export interface Growth {
  /** Of the value, per minute. */
  readonly slope: number;
  /** Standard error of the slope; 0 for fewer than three points. */
  readonly error: number;
}

/** @returns growth of the value per minute; no growth for fewer than two points */
export function growthPerMinute(points: readonly Point[]): Growth {
  const count = points.length;
  const meanTime = points.reduce((sum, [time]) => sum + time, 0) / count;
  const meanValue = points.reduce((sum, [, value]) => sum + value, 0) / count;
  let covariance = 0;
  let variance = 0;
  for (const [time, value] of points) {
    covariance += (time - meanTime) * (value - meanValue);
    variance += (time - meanTime) ** 2;
  }
  if (variance === 0 || count < 2) return { slope: 0, error: 0 };
  const slope = covariance / variance;
  const distance = ([time, value]: Point) => value - meanValue - slope * (time - meanTime);
  const squares = points.reduce((sum, point) => sum + distance(point) ** 2, 0);
  const error = count < 3 ? 0 : Math.sqrt(squares / (count - 2) / variance);
  return { slope: slope * minuteMs, error: error * minuteMs };
}

/**
 * The lowest value of each minute: what is left when garbage was just collected, which is what a
 * leak raises. When garbage is collected is chance, and would hide a small slope.
 */
export function lowestPerMinute(points: readonly Point[]): Point[] {
  const startMs = points[0]?.[0] ?? 0;
  const lowest = new Map<number, Point>();
  for (const point of points) {
    const minute = Math.floor((point[0] - startMs) / minuteMs);
    const known = lowest.get(minute);
    if (known === undefined || point[1] < known[1]) lowest.set(minute, point);
  }
  return [...lowest.values()];
}
