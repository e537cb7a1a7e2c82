// Which options of node reach executors: loaders do, scripts, debuggers and source files do not.
import { expect, it } from "vitest";
import { inheritedExecArgv, threadExecArgv } from "./entry-files.js";

it("keeps loaders and flags, drops scripts, debugger ports and this repository's sources", () => {
  const given = ["--import", "tsx", "-e", "f()", "--inspect=0", "--enable-source-maps", "--watch"];
  expect(inheritedExecArgv(given)).toEqual(["--import", "tsx", "--enable-source-maps"]);
  const conditions = ["-C", "@acme/source", "--conditions=@acme/source", "-C", "mine"];
  expect(inheritedExecArgv(conditions)).toEqual(["-C", "mine"]);
  expect(inheritedExecArgv(["--max-old-space-size=9", "--input-type", "module"])).toEqual([]);
});

it("leaves threads what they inherit by themselves", () => {
  expect(threadExecArgv(["--import", "tsx"])).toBeUndefined();
  expect(threadExecArgv(["-C", "@acme/source", "--import", "tsx"])).toEqual(["--import", "tsx"]);
});
