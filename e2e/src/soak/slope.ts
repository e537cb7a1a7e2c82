// How fast a series of measurements grows: the slope of the straight line that fits it best. It
// must not know what was measured.

const minuteMs = 60_000;

/**
 * @param points - pairs of time in milliseconds and value
 * @returns growth of the value per minute; 0 for fewer than two points
 */
export function slopePerMinute(points: readonly (readonly [number, number])[]): number {
  const count = points.length;
  const meanTime = points.reduce((sum, [time]) => sum + time, 0) / count;
  const meanValue = points.reduce((sum, [, value]) => sum + value, 0) / count;
  let covariance = 0;
  let variance = 0;
  for (const [time, value] of points) {
    covariance += (time - meanTime) * (value - meanValue);
    variance += (time - meanTime) ** 2;
  }
  return variance === 0 || count < 2 ? 0 : (covariance / variance) * minuteMs;
}
