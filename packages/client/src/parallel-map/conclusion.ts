// What `compute()` gives in the end, which depends on where results went. How calls were made, here
// or on a cluster, makes no difference.
import type { NDArray } from "@acme/hdf5";
import type { ResultLayout } from "./result-layout.js";
import { stackValues } from "./stack-values.js";
import type { Output } from "./types.js";

/** Where results went. */
export interface Destination {
  readonly output: Output | undefined;
  readonly layout: ResultLayout | null;
  readonly container: string | undefined;
}

/** @param results - what every call came to, in input order */
export function concluded(results: readonly unknown[], { output, layout, container }: Destination) {
  if (output === "none") return undefined;
  if (output === "single") return [container];
  if (output !== "memory" || layout === null) return results;
  return stackValues(layout, results as readonly (readonly NDArray[] | undefined)[]);
}
