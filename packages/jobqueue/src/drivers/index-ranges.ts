// Array indices as batch systems write them: `0-3,7`, with a step (`0-10:2`) and a limit of how
// many run at once (`%5`). Text in, numbers out, and back.

/** More than any batch system allows in one array. */
const mostIndices = 10_000_000;

/** @returns null if the text is no list of ranges */
export function parseRanges(text: string): number[] | null {
  const list = text.replace(/%\d+$/, "");
  const indices: number[] = [];
  for (const part of list.split(",")) {
    const match = /^(\d+)(?:-(\d+)(?::(\d+))?)?$/.exec(part.trim());
    if (match === null) return null;
    const first = Number(match[1]);
    const last = match[2] === undefined ? first : Number(match[2]);
    const step = match[3] === undefined ? 1 : Number(match[3]);
    if (step < 1 || (last - first) / step >= mostIndices) return null;
    for (let index = first; index <= last; index += step) indices.push(index);
  }
  return indices;
}

/** The shortest text for these indices, in order. */
export function formatRanges(indices: readonly number[]): string {
  const sorted = [...new Set(indices)].sort((a, b) => a - b);
  const parts: string[] = [];
  let start = 0;
  for (let i = 1; i <= sorted.length; i++) {
    if (i < sorted.length && sorted[i] === (sorted[i - 1] as number) + 1) continue;
    const [first, last] = [sorted[start] as number, sorted[i - 1] as number];
    parts.push(first === last ? `${first}` : `${first}-${last}`);
    start = i;
  }
  return parts.join(",");
}
