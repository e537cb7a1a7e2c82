// Whether a figure passes its bars, and how many times better ours is.
// Prints nothing.
import type { Result, Spreads } from "./run-workload.js";
import type { Spread } from "./statistics.js";
import type { Bar, Figure } from "./workload.js";

export interface Verdict {
  readonly met: boolean;
  /** Such as `18x of 10x dask`. */
  readonly text: string;
}

/** How many times better ours is; undefined when one of the two is missing. */
export function timesBetter(
  figure: Pick<Figure, "better">,
  ours: Spread | undefined,
  theirs: Spread | undefined,
): number | undefined {
  if (ours === undefined || theirs === undefined) return undefined;
  const [better, worse] = figure.better === "more" ? [ours, theirs] : [theirs, ours];
  return better.median / worse.median;
}

/** The better median of the incumbent's configurations. */
export function bestOf(figure: Pick<Figure, "better">, spreads: Spreads): Spread | undefined {
  const known = [spreads.dask, spreads["dask-inf"]].filter((each) => each !== undefined);
  const sorted = known.sort((a, b) => a.median - b.median);
  return figure.better === "more" ? sorted.at(-1) : sorted[0];
}

/** Undefined where there are no bars, or nothing to compare with. */
export function judge(
  figure: Figure,
  bars: readonly Bar[] | undefined,
  result: Pick<Result, "figures">,
): Verdict | undefined {
  const verdicts = (bars ?? []).map((bar) => judgeBar(figure, bar, result));
  const known = verdicts.filter((each) => each !== undefined);
  if (known.length === 0) return undefined;
  return {
    met: known.every(({ met }) => met),
    text: known.map(({ text }) => text).join(", "),
  };
}

function judgeBar(
  figure: Figure,
  bar: Bar,
  { figures }: Pick<Result, "figures">,
): Verdict | undefined {
  const spreads = figures[figure.name] ?? {};
  const ours = spreads.acme;
  if (ours === undefined) return undefined;
  switch (bar.type) {
    case "value": {
      const met = figure.better === "more" ? ours.median >= bar.value : ours.median <= bar.value;
      return { met, text: `${format(ours.median)} of ${format(bar.value)} ${figure.unit}` };
    }
    case "times": {
      const theirs = bar.than === "dask" ? spreads.dask : bestOf(figure, spreads);
      return judgeTimes(timesBetter(figure, ours, theirs), bar.factor, bar.than);
    }
    case "times-figure": {
      const theirs = figures[bar.figure]?.dask;
      return judgeTimes(timesBetter(figure, ours, theirs), bar.factor, `dask's ${bar.figure}`);
    }
    default:
      return bar satisfies never;
  }
}

function judgeTimes(ratio: number | undefined, factor: number, than: string): Verdict | undefined {
  if (ratio === undefined) return undefined;
  return { met: ratio >= factor, text: `${format(ratio)}x of ${format(factor)}x ${than}` };
}

/** Three digits that matter, thousands with commas. */
export function format(value: number): string {
  if (value === 0) return "0";
  const size = Math.abs(value);
  const decimals = size >= 100 ? 0 : Math.max(0, 2 - Math.floor(Math.log10(size)));
  const rounded = Number(value.toFixed(Math.min(decimals, 6)));
  return rounded.toLocaleString("en-US", { maximumFractionDigits: 6 });
}
