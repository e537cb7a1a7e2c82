// Every bound of the nanny by name.
// What a user may set (memory, the child's flags) stands with the nanny's options.
export interface NannyLimits {
  /** Restarts without a delay after the child was last registered. */
  readonly immediateRestarts: number;
  /** Delay of the first restart after those; doubled each time. */
  readonly backOffMs: number;
  readonly backOffMaxMs: number;
  /** Starts without one registration before the nanny gives up. */
  readonly startsWithoutRegistration: number;
  /** Part of the memory limit at which the child is killed. */
  readonly terminateFraction: number;
  /** A request that waits for the child to be registered is refused after this long. */
  readonly registrationMs: number;
  /** Between SIGTERM and SIGKILL when a request names no time. */
  readonly killGraceMs: number;
}

export const nannyLimits: NannyLimits = Object.freeze({
  immediateRestarts: 3,
  backOffMs: 500,
  backOffMaxMs: 30_000,
  startsWithoutRegistration: 12,
  terminateFraction: 0.95,
  registrationMs: 60_000,
  killGraceMs: 10_000,
});

/** Exit codes of the nanny's own process. */
export const nannyExitCodes = Object.freeze({ asked: 0, crashLoop: 70 });
