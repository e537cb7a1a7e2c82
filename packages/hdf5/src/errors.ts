// The one error class of this package: a literal `code` to switch on, structured fields, `cause`.
// It mirrors the product's error shape but knows no other package.

/** What went wrong, for `switch`. */
export type Hdf5ErrorCode =
  | "unsupported-value"
  | "ragged-array"
  | "mixed-array"
  | "unknown-dtype"
  | "lossy-conversion"
  | "invalid-view"
  | "invalid-name"
  | "invalid-text"
  | "invalid-path"
  | "invalid-option"
  | "invalid-selection"
  | "attribute-too-large"
  | "message-too-large"
  | "unsupported-host"
  | "disk-full"
  | "write-failed"
  | "read-failed";

/** Facts that belong to one error, e.g. `{ path, bytes }`. */
export type ErrorFields = Readonly<Record<string, string | number | bigint>>;

/**
 * Every operating error this package throws.
 *
 * @example
 * try {
 *   asArray([[1, 2], [3]]);
 * } catch (error) {
 *   if (error instanceof Hdf5Error && error.code === "ragged-array") console.log(error.fields);
 * }
 */
export class Hdf5Error extends Error {
  override readonly name = "Hdf5Error";
  readonly code: Hdf5ErrorCode;
  readonly fields: ErrorFields;

  constructor(code: Hdf5ErrorCode, message: string, fields: ErrorFields = {}, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.fields = fields;
  }
}

/** The `code` of a node system error ("ENOSPC", ...), or "" for anything else. */
export function systemCode(error: unknown): string {
  if (typeof error !== "object" || error === null || !("code" in error)) return "";
  return typeof error.code === "string" ? error.code : "";
}
