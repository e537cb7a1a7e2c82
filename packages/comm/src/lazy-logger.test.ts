// That no logger is made for lines that nobody wants.
import { expect, it } from "vitest";
import { type Logger, lazyLogger } from "./lazy-logger.js";

function recorded(level: string) {
  const lines: unknown[] = [];
  const note =
    (at: string) =>
    (...line: unknown[]) =>
      void lines.push([at, ...line]);
  let made = 0;
  const logger = lazyLogger(level, () => {
    made += 1;
    const levels = ["debug", "info", "warn", "error", "fatal"];
    return Object.fromEntries(levels.map((at) => [at, note(at)])) as unknown as Logger;
  });
  return { logger, lines, made: () => made };
}

it("makes the logger for the first line that is wanted, once", () => {
  const { logger, lines, made } = recorded("warn");
  logger.debug("no");
  logger.info({ a: 1 }, "no");
  expect(made()).toBe(0);
  logger.warn({ a: 1 }, "yes");
  logger.fatal("also");
  expect(made()).toBe(1);
  expect(lines).toEqual([
    ["warn", { a: 1 }, "yes"],
    ["fatal", "also"],
  ]);
});

it("makes none when silent", () => {
  const { logger, made } = recorded("silent");
  logger.fatal("no");
  expect(made()).toBe(0);
});
