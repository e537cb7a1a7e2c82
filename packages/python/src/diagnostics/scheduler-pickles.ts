// All that a scheduler has read and written of pickles, in one object that it can be given: the
// scheduler itself knows no pickle.
import { exceptionPayload, pickledException } from "../values/pickled-exception.js";
import { progressWish } from "./progress-wish.js";
import { uploadedFile } from "./uploaded-file.js";

const builtins = "builtins";

/**
 * For `startScheduler`: what it has read and written of pickles.
 *
 * @example
 * ```ts
 * schedulerPickles.exception("ValueError", "no such plugin"); // bytes that Python unpickles
 * ```
 */
export const schedulerPickles = Object.freeze({
  exception: (name: string, message: string) => pickledException(builtins, name, [message]),
  exceptionPayload: (name: string, message: string) => exceptionPayload(builtins, name, [message]),
  progressWish,
  uploadedFile,
});
