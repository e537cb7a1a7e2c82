// The part of a map call that differs from task to task: one small document per row.
// Knows neither the function nor the arguments that all tasks share; those are the template's.

import type { EncodeOptions } from "../values/encode.js";
import { encodeValues } from "../values/encode-values.js";
import type { EncodedValue } from "../values/encoded-value.js";

/**
 * Encodes the per-task values of a map call, one row per task. Rows of plain data cost well under
 * a microsecond each.
 *
 * @param rows - for each task the values of `item(0)`, `item(1)`, ...
 * @param options - `refOf` names values that live elsewhere
 * @throws FunctionShipError for values that cannot travel
 * @example
 * ```ts
 * const rows = await encodeItems([[1], [2], [3]]);
 * rows.length; // 3
 * ```
 */
export function encodeItems(
  rows: readonly (readonly unknown[])[],
  options: EncodeOptions = {},
): Promise<EncodedValue[]> {
  return encodeValues(rows, options);
}
