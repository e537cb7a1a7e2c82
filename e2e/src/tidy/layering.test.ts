// Packages depend in one direction, cores are pure, and the client loads no server. The last is
// checked on a running process, because a table of imports cannot see what is loaded eagerly.

import { execa } from "execa";
import { describe, expect, it } from "vitest";
import { allowedPackages, browserPackages, findDirectionOffences } from "./direction.js";
import { readModuleGraph, withModule } from "./module-graph.js";
import { expectNone } from "./offences.js";
import { findTransitiveImpurities, impuritiesOfText } from "./purity.js";
import { fromRoot, repositoryRoot } from "./repository.js";

const graph = readModuleGraph();

describe("direction", () => {
  it("has no circle in its table", () => {
    const done = new Set<string>();
    let rest = Object.keys(allowedPackages);
    while (rest.length > 0) {
      const free = rest.filter((name) => allowedPackages[name]!.every((used) => done.has(used)));
      expect(free, `these use each other: ${rest.join(", ")}`).not.toEqual([]);
      for (const name of free) done.add(name);
      rest = rest.filter((name) => !done.has(name));
    }
  });

  it.each([
    ["packages/worker/src/x.ts", "@acme/hdf5", /worker must not know @acme\/hdf5/],
    ["packages/client/src/x.ts", "@acme/scheduler", /client must not know/],
    ["packages/comm/src/x.ts", "@acme/protocol/dist/key.js", /no entry point/],
    ["packages/comm/src/x.ts", "../../protocol/src/key.js", /leaves the package/],
    ["packages/comm/src/x.ts", "./address", /must end with \.js/],
    ["packages/comm/src/x.ts", "yaml", /not among the dependencies/],
    ["packages/comm/src/x.ts", "@acme/comm", /by relative paths/],
    ["packages/protocol/src/x.ts", "node:fs", /not exist in a browser/],
  ])("sees that %s must not import %s", (path, specifier, message) => {
    const offences = findDirectionOffences(
      withModule(graph, path, `import { a } from "${specifier}";`),
    );
    expect(offences.filter((offence) => offence.startsWith(`${path}:1:`)).join()).toMatch(message);
  });

  it("lets fixtures be the programs of users, and tests name them as users would", () => {
    const fixture = "packages/comm/src/fixtures/x.ts";
    const test = "packages/comm/src/x.test.ts";
    let tried = withModule(graph, fixture, 'import "d3-array"; import "./y.mjs";');
    tried = withModule(tried, test, 'import "./fixtures/y.mjs"; import "./y.mjs";');
    const offences = findDirectionOffences(tried).filter((offence) =>
      /\/x\.\w*\.?ts:/.test(offence),
    );
    expect(offences).toEqual([`${test}:1: ./y.mjs must end with .js`]);
  });

  it("is kept by every import, and every package used is declared", () => {
    expectNone(findDirectionOffences(graph), "Imports go against docs/architecture.md, section 1:");
  });
});

describe("purity", () => {
  it.each([
    ["async function f() {}", "an async function"],
    ["const f = async () => 1;", "an async function"],
    ["class A { async m() {} }", "an async function"],
    ["await x;", "await"],
    ["export const at = Date.now();", "Date"],
    ["const { random } = Math, r = Math.random();", "Math.random"],
    ["const r = Math['random']();", "Math.random"],
    ["setTimeout(f, 1);", "setTimeout"],
    ["const o = { wait: setImmediate };", "setImmediate"],
    ["const o = { process };", "process"],
    ["console.log(1);", "console"],
    ["f(performance);", "performance"],
    ["Promise.resolve();", "Promise"],
    ["import('x');", "import()"],
    ["const u = import.meta.url;", "import.meta"],
    ["x[Date];", "Date"],
  ])("sees what is impure in %s", (text, what) => {
    expect(impuritiesOfText(text)).toContain(what);
  });

  it.each([
    "x.Date = 1; x.process(); const o = { Date: 1, fetch() {} };",
    "class A { process = 1; fetch() { return this.process; } }",
    "export function f(process, { fetch }) { return process + fetch; }",
    "const text = 'await Date.now() // Math.random()';",
    "Math.max(1, 2); label: for (;;) break label;",
  ])("lets %s pass", (text) => {
    expect(impuritiesOfText(text)).toEqual([]);
  });

  it("is looked for in what a module loads", () => {
    const offences = findTransitiveImpurities(graph, ["packages/config/src/index.ts"]).join("\n");
    expect(offences).toMatch(
      /config\/src\/load\.ts:\d+: uses process \[loaded by packages\/config\/src\/index\.ts\]/,
    );
    expect(offences).toMatch(/config\/src\/files\.ts: loads node:fs.* ← /);
  });

  it("is kept by every core and all that cores load", () => {
    const cores = [...graph.modules.values()]
      .filter(({ file }) => /\/core\//.test(file.path) && !file.isTest)
      .map(({ file }) => file.path);
    expectNone(
      findTransitiveImpurities(graph, cores),
      "Cores are pure: time, chance and I/O are parameters (docs/architecture.md, section 2):",
    );
  });

  it("is kept by types too: a core knows no type of node's", () => {
    const offences = [...graph.modules.values()]
      .filter(({ file }) => /\/core\//.test(file.path) && !file.isTest)
      .flatMap(({ file, syntax }) =>
        syntax.imports
          .filter((entry) => entry.specifier.startsWith("node:") || entry.specifier === "pino")
          .map((entry) => `${file.path}:${entry.line}: ${entry.specifier}`),
      );
    expectNone(offences, "Cores import nothing of node's, not even types:");
  });

  it("is kept by packages that run in a browser, except for codecs' own means", () => {
    const sources = [...graph.modules.values()]
      .filter(({ file }) => browserPackages.includes(file.path.split("/")[1]!) && !file.isTest)
      .map(({ file }) => file.path);
    expect(sources.length).toBeGreaterThan(0);
    expectNone(
      findTransitiveImpurities(graph, sources),
      "These packages know no clocks, sockets or files:",
    );
  });
});

it("loads no scheduler and no worker with the client", async () => {
  // The debugger names every script that V8 compiles, without a loader of our own in between.
  const program = `
    import { Session } from "node:inspector";
    const urls = [];
    const session = new Session();
    session.connect();
    session.on("Debugger.scriptParsed", ({ params }) => urls.push(params.url));
    session.post("Debugger.enable");
    await import("@acme/client");
    session.disconnect();
    console.log(JSON.stringify(urls.filter((url) => url.startsWith("file:"))));
  `;
  const { stdout } = await execa(process.execPath, ["--input-type=module", "--eval", program], {
    cwd: `${repositoryRoot}/e2e`,
  });
  const loaded = (JSON.parse(stdout) as string[]).map((url) => fromRoot(new URL(url).pathname));
  expect(loaded).toContain("packages/client/dist/bundle/index.js");
  expectNone(
    loaded.filter((path) => /^packages\/(?:scheduler|worker)\//.test(path)),
    "Importing @acme/client loads these files; import them lazily where they are needed:",
  );
});
