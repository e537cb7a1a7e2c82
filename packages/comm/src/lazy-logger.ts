// A logger that comes into being with its first line: most processes never log one, and loading a
// logging library takes a good part of their start. It must not know which library that is.

const levels = ["debug", "info", "warn", "error", "fatal"] as const;
type Level = (typeof levels)[number];

interface Log {
  (fields: object, message: string): void;
  (message: string): void;
}

/** What is logged with, by level. */
export type Logger = { readonly [level in Level]: Log };

/**
 * A logger that is made when the first line of its level, or of a higher one, is logged.
 *
 * @param level - lines below are dropped; "silent" drops all
 * @param make - makes the logger that writes; called once at most
 * @example
 * ```ts
 * const logger = lazyLogger("warn", () => makeLogger("warn"));
 * logger.info("the real one is not made for this");
 * ```
 */
export function lazyLogger(level: string, make: () => Logger): Logger {
  const lowest = level === "silent" ? levels.length : levels.indexOf(level as Level);
  let made: Logger | undefined;
  const log = (at: Level): Log => {
    if (levels.indexOf(at) < lowest) return () => {};
    return (...line: readonly unknown[]) => {
      made ??= make();
      (made[at] as (...line: readonly unknown[]) => void)(...line);
    };
  };
  return {
    debug: log("debug"),
    info: log("info"),
    warn: log("warn"),
    error: log("error"),
    fatal: log("fatal"),
  };
}
