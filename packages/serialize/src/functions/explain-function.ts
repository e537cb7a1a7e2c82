// The report a user asks for to see how a function would travel, without sending it.
// Decides nothing itself: it packs as pack-function.ts would, and tells what came of it.

import { framesBytes } from "../values/encoded-value.js";
import { type PackedKind, type PackOptions, packParts } from "./pack-function.js";
import type { FunctionWarning } from "./warnings.js";
import type { WrittenFunction } from "./write-functions.js";

/** How one function, the task itself or one it captured, travels. */
export interface FunctionPart {
  readonly name: string;
  readonly kind: PackedKind;
  /** `file:line:column`, the module's URL, or the global's name. */
  readonly where: string;
  /** What it imports in the other process. */
  readonly imports: readonly string[];
  /** Captured variables by name, with the kind of value each holds. */
  readonly captures: readonly { readonly name: string; readonly holds: string }[];
}

/** How a function would travel; made by `explainFunction`. */
export interface FunctionReport {
  readonly name: string;
  readonly kind: PackedKind;
  readonly hash: string;
  /** Bytes that are sent to each worker once. */
  readonly bytes: number;
  /** The function, then the functions and classes it takes along. */
  readonly parts: readonly FunctionPart[];
  readonly warnings: readonly FunctionWarning[];
}

/**
 * Tells how a function would travel: by reference or by value, what it imports and captures, and
 * how many bytes that makes.
 *
 * @throws FunctionShipError exactly where packing would
 * @example
 * ```ts
 * const report = await explainFunction((x: number) => x + offset);
 * console.error(report.kind, report.parts[0]?.captures); // value [{ name: "offset", ... }]
 * ```
 */
export async function explainFunction(
  fn: (...args: never[]) => unknown,
  options: PackOptions = {},
): Promise<FunctionReport> {
  const { packed, functions } = await packParts(fn, options);
  const { name, kind, hash, frames, warnings } = packed;
  return {
    name,
    kind,
    hash,
    bytes: framesBytes(frames),
    parts: functions.map(partOf),
    warnings,
  };
}

function partOf({ target, description }: WrittenFunction): FunctionPart {
  const name = (target as { name?: string }).name ?? "";
  const bare = { name, imports: [], captures: [] };
  switch (description.kind) {
    case "builtin": {
      const { reference } = description;
      const from = reference.kind === "module" ? [reference.module] : [];
      return { ...bare, kind: "builtin", where: [...from, ...reference.path].join(".") };
    }
    case "reference": {
      const { url, path } = description.reference;
      return { ...bare, kind: "reference", where: [url, ...path].join(" ") };
    }
    case "bound":
      return { ...bare, kind: "value", where: "bound function" };
    case "perWorker":
      return { ...bare, kind: "value", where: "per-worker value" };
    case "source": {
      const { captures, anatomy } = description;
      return {
        name,
        kind: "value",
        where: anatomy.location,
        imports: captures.imports.map(({ specifier, path }) => [specifier, ...path].join(" ")),
        captures: [
          ...captures.values.map((one) => ({ name: one.name, holds: kindOf(one.value) })),
          ...captures.recreated.map((one) => ({ name: one.name, holds: "made again" })),
        ],
      };
    }
  }
}

function kindOf(value: unknown): string {
  if (value === null || typeof value !== "object") return value === null ? "null" : typeof value;
  const name: unknown = (value as { constructor?: { name?: unknown } }).constructor?.name;
  return typeof name === "string" && name !== "" ? name : "object";
}
