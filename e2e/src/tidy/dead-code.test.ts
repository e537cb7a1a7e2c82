// Nothing is written that nothing uses: exports, files, declared dependencies.

import { expect, it } from "vitest";
import { findDeadCode, findUnusedDependencies } from "./dead-code.js";
import { readModuleGraph, withModule } from "./module-graph.js";
import { expectNone } from "./offences.js";

const graph = readModuleGraph();
const dead = findDeadCode(graph);

it("exports and files without use are found", () => {
  const text = "export const a = 1; export interface B {} export { c } from './load.js';";
  const path = "packages/config/src/x.ts";
  const found = findDeadCode(withModule(graph, path, text));
  expect(found.orphans).toContain(path);
  const unused = found.unused.filter((entry) => entry.startsWith(path));
  expect(unused).toEqual([`${path}:1: a`, `${path}:1: B`, `${path}:1: c`]);

  const user = withModule(graph, path, text);
  const used = findDeadCode(
    withModule(user, "e2e/src/y.test.ts", "import '../../packages/config/src/x.js';"),
  );
  expect(used.orphans).not.toContain(path);

  const types = "packages/config/src/x.typecheck.ts";
  const checked = findDeadCode(withModule(graph, types, "export const a = 1;"));
  expect([...checked.orphans, ...checked.unused].join()).not.toContain(types);
});

it("every export is used", () => {
  if (dead.onlyTested.length > 0) {
    const list = dead.onlyTested.map((entry) => `  ${entry}`);
    console.info(`Exports that only tests use (no failure):\n${list.join("\n")}`);
  }
  expectNone(
    dead.unused,
    "Remove these exports (or the keyword, if only their own file uses them):",
  );
});

it("every file is loaded by another", () => {
  expectNone(dead.orphans, "Nothing loads these files:");
});

it("every declared dependency is imported", () => {
  expectNone(findUnusedDependencies(graph), "Remove these from package.json:");
});

it("knows the files it judges", () => {
  expect(graph.modules.has("e2e/src/tidy/dead-code.ts")).toBe(true);
  expect(graph.modules.has("packages/config/src/load.ts")).toBe(true);
});
