// What a person reads of a log line; what is no log line is passed on as it is.
import { expect, it } from "vitest";
import { textLine } from "./terminal-lines.js";

it("tells who says what, and how bad it is", () => {
  const line = JSON.stringify({ level: 40, time: 1, name: "local-0", msg: "memory runs low" });
  expect(textLine(line)).toBe("acme local-0 warning: memory runs low\n");
});

it("puts the stack of an error below", () => {
  const err = { type: "Error", message: "x", stack: "Error: x\n    at f (file.ts:1:2)" };
  const line = JSON.stringify({ level: 50, name: "scheduler", msg: "x", err });
  expect(textLine(line)).toBe("acme scheduler error: x\nError: x\n    at f (file.ts:1:2)\n");
});

it("passes on what is no JSON", () => {
  expect(textLine("plain text\n")).toBe("plain text\n");
});
