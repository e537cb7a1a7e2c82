// The one way to leave a test out: with the reason why this machine cannot run it. On a build
// server (CI=true) there is no such reason, and the test fails instead.

/** The part of a test's context that is needed here. */
export interface SkippableContext {
  skip(note?: string): unknown;
}

/**
 * Ends the running test as skipped, or fails it on a build server.
 *
 * @param context - the first argument of the test function
 * @param reason - what this machine lacks, such as `"h5dump is not installed"`
 * @param cause - the error that showed it
 * @throws Error when `CI` is `true`
 */
export function skipWithReason(context: SkippableContext, reason: string, cause?: unknown): void {
  if (process.env.CI === "true") {
    throw new Error(`a build server must be able to run this test: ${reason}`, { cause });
  }
  context.skip(reason);
}
