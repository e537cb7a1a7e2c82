// From the error with which a worker failed to start to the exit code of its process, which tells
// its nanny whether another try makes sense.
import { isAcmeError } from "@acme/protocol";
import { exitCodes } from "../core/limits.js";

/** @throws the error itself if it is a mistake of the program */
export function exitCodeOf(error: unknown): number {
  if (!isAcmeError(error)) throw error;
  return error.code === "SCHEDULER_LOST" ? exitCodes.schedulerLost : exitCodes.refused;
}
