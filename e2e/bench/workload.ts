// What a workload of the benchmark is: what it measures, the bars it must pass, and how one
// repetition runs on one system. Knows neither the systems nor how figures are compared.
import type { Repetition } from "./repetition.js";

/** Ours; dask as it comes; dask that keeps nothing back on the scheduler (saturation inf). */
export type SystemName = "acme" | "dask" | "dask-inf";
export type Scheme = "tcp" | "tls";

/** Figures of one repetition by name. */
export type Sample = Readonly<Record<string, number>>;

/** Something ours has to reach, against the other systems of the same run or in itself. */
export type Bar =
  /** This many times better than dask's defaults, or than the better of both dasks. */
  | { readonly type: "times"; readonly factor: number; readonly than: "dask" | "best" }
  /** This many times better than another figure of dask's defaults. */
  | { readonly type: "times-figure"; readonly factor: number; readonly figure: string }
  /** At least (or at most, where less is better) this value. */
  | { readonly type: "value"; readonly value: number };

export interface Figure {
  readonly name: string;
  readonly unit: string;
  readonly better: "more" | "less";
  readonly must?: readonly Bar[];
  readonly moonshot?: readonly Bar[];
}

export interface Workload {
  readonly name: string;
  readonly measures: string;
  readonly figures: readonly Figure[];
  /** Default: all three. */
  readonly systems?: readonly SystemName[];
  /** Schemes that make a difference here; default both. */
  readonly schemes?: readonly Scheme[];
  /** Left out of a quick run. */
  readonly slow?: true;
  /** What bounds our figures as they are now, and what the next step would be. */
  readonly bound: string;
  readonly next: string;
  /** @throws if a result is wrong */
  run(repetition: Repetition): Promise<Sample>;
}

export const times = (factor: number, than: "dask" | "best"): Bar => ({
  type: "times",
  factor,
  than,
});

export const value = (limit: number): Bar => ({ type: "value", value: limit });
