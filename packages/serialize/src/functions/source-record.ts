// The record of a function that travels as text, as it stands in a document. Both ends read this
// type; its fields are on the wire.

import type { ImportRecord } from "./import-records.js";

/** How to make a function again from its text. */
export interface SourceRecord {
  readonly name: string;
  readonly before: string;
  readonly text: string;
  readonly after: string;
  /** file: URL of the original module, or what V8 called the script. */
  readonly url: string;
  /** Zero-based place of the text in the author's file. */
  readonly line: number;
  readonly column: number;
  /** True when the place is the author's, found through a source map of the sender's loader. */
  readonly mapped: boolean;
  readonly strict: boolean;
  readonly isClass: boolean;
  /** True when the function itself reads `this`, which a task does not have. */
  readonly usesThis: boolean;
  readonly usesMeta: boolean;
  readonly imports: readonly ImportRecord[];
  /** Names the loader provides, such as `require` or `__filename`. */
  readonly provided: readonly string[];
  /** Free names a class needs while it is evaluated. */
  readonly eager: readonly string[];
  /** True when the text calls import(): its loader must be ready before. */
  readonly importsLater: boolean;
  /** Identity of a class across documents; null for functions. */
  readonly classId: string | null;
}

/** An export of a module, as it stands in a document. */
export interface ReferenceRecord {
  readonly name: string;
  readonly url: string;
  readonly path: readonly string[];
  readonly format: "esm" | "cjs";
  readonly sha256: string | null;
}
