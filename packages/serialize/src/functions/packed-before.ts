// Finds an earlier packing of a function of which nothing can have changed since: of the very same
// function, or of another one with the same code. How functions are packed is not known here.

import { serializeLimits } from "../limits.js";
import { LruMap } from "../lru-map.js";
import { brandingVersion, taskChoice } from "./branding.js";
import { codePlace } from "./code-place.js";
import { functionName } from "./describe.js";
import type { PackedFunction, PackedParts } from "./pack-function.js";
import type { WrittenFunction } from "./write-functions.js";

interface Earlier {
  readonly packed: PackedFunction;
  readonly version: number;
}

const ofFunctions = new WeakMap<object, Earlier>();
/** Closures that captured nothing are alike wherever their code is the same. */
const ofCode = new LruMap<string, Earlier>(serializeLimits.packedCode);

/** An earlier packing that still holds; the same object each time. */
export function packedBefore(fn: unknown): PackedFunction | undefined {
  if (typeof fn !== "function") return undefined;
  const known = ofFunctions.get(fn) ?? ofSameCode(fn);
  if (known?.version !== brandingVersion()) return undefined;
  return known.packed.kind === "value" && hasOwnState(fn) ? undefined : known.packed;
}

/** Keeps a packing that will be the same each time. */
export function rememberPacked(fn: object, { packed, functions }: PackedParts): void {
  const [only] = functions;
  if (functions.length !== 1 || only === undefined || !isSettled(only)) return;
  const earlier = { packed, version: brandingVersion() };
  ofFunctions.set(fn, earlier);
  const code = only.description.kind === "source" ? codeOf(fn) : undefined;
  if (code !== undefined) ofCode.set(code, earlier);
}

function ofSameCode(fn: object): Earlier | undefined {
  if (ofCode.size === 0) return undefined;
  const code = codeOf(fn);
  return code === undefined ? undefined : ofCode.get(code);
}

/** What users said of one closure holds for no other; names may be computed. */
function codeOf(fn: object): string | undefined {
  if (taskChoice(fn) !== undefined) return undefined;
  const place = codePlace(fn);
  return place === undefined ? undefined : `${place} ${functionName(fn)}`;
}

/** True when no captured value is part of what was packed: the function alone, by any way. */
function isSettled({ description, target }: WrittenFunction): boolean {
  if (description.kind === "reference" || description.kind === "builtin") return true;
  if (description.kind !== "source" || hasOwnState(target)) return false;
  const { values, recreated } = description.captures;
  return values.length === 0 && recreated.length === 0;
}

function hasOwnState(fn: object): boolean {
  const prototype: unknown = Object.getOwnPropertyDescriptor(fn, "prototype")?.value;
  const added = typeof prototype === "object" && prototype !== null ? Object.keys(prototype) : [];
  return Object.keys(fn).length > 0 || added.length > 0;
}
