// From functions and arguments to packed templates and items, repeated when a future inside has no
// key yet. Everything the wire knows of user values is made here.
import { encodeItems, encodeTemplate, type FunctionWarning, item } from "@acme/serialize";
import type { PackedTemplate, PackedValue } from "./call-batch.js";
import { type NameRemote, ReferenceNames } from "./references.js";

/** A function as users give it. */
export type AnyFunction = (...args: never[]) => unknown;

export interface CallsToPack {
  readonly fn: AnyFunction;
  /** For each call its own arguments, equally many. */
  readonly rows: readonly (readonly unknown[])[];
  /** Arguments that all calls share, after their own. */
  readonly shared: readonly unknown[];
}

export interface PackedCalls {
  readonly template: PackedTemplate;
  readonly items: readonly PackedValue[];
  readonly warnings: readonly FunctionWarning[];
}

/**
 * Packs calls of one function. Arguments are read before the first wait, unless a future inside
 * them has no key yet.
 *
 * @throws FunctionShipError, FutureUseError
 */
export async function packCalls(calls: CallsToPack, name: NameRemote): Promise<PackedCalls> {
  const own = calls.rows[0]?.length ?? 0;
  const args = [...Array.from({ length: own }, (_, i) => item(i)), ...calls.shared];
  for (;;) {
    const names = new ReferenceNames(name);
    // Both begin at once, so that both see the values of this moment.
    const [items, template] = await Promise.all([
      encodeItems(calls.rows, names),
      encodeTemplate({ fn: calls.fn, args }, names),
    ]);
    if (names.waitFor.size === 0) return { template, items, warnings: template.warnings };
    await Promise.all(names.waitFor);
  }
}
