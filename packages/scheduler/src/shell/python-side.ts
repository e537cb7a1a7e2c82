// What the shell has Python's values done with, by somebody who knows pickle: this package does not.
// Only types; a scheduler without it serves our own peers alone and tells the others so.
import type { Serialized, WireKey } from "@acme/protocol";

/** What dask's progress bars want to be told, read from the function that they send. */
export interface ProgressWish {
  keys: readonly WireKey[];
  /** All that the keys depend on counts too, done or not. */
  complete: boolean;
  /** One number for all, or one for each prefix of keys or span of the program. */
  groups: "all" | "prefix" | "spans";
}

/** A file that `upload_file` wants everywhere. */
export interface UploadedFile {
  filename: string;
  data: Uint8Array;
  /** Import it as well. */
  load: boolean;
}

export interface PythonPickles {
  /** The pickle of a builtin exception with one argument. */
  exception(name: string, message: string): Uint8Array;
  /** The same as error replies hold it. */
  exceptionPayload(name: string, message: string): Serialized;
  /** The wish of one of dask's own progress bars; null: it is some other function. */
  progressWish(setup: Uint8Array): ProgressWish | null;
  /** The file of a plugin that only uploads one; null: it is some other plugin. */
  uploadedFile(plugin: Uint8Array): UploadedFile | null;
}
