// Exports and files that nothing uses. What a package.json opens to the outside is used by
// definition, and so is everything that those entry points hand on.

import { entrySources, type ModuleGraph, packageNameOf, resolveSource } from "./module-graph.js";
import { packageFolderOf } from "./repository.js";

interface Usage {
  /** Names used, by path; `"*"` for all of them. */
  names: Map<string, Set<string>>;
  /** Files that are loaded by anything at all. */
  files: Set<string>;
}

export interface DeadCode {
  /** Exports used by nothing at all. */
  unused: string[];
  /** Exports that only tests use: a test of something that the product does not need. */
  onlyTested: string[];
  /** Files nothing loads. */
  orphans: string[];
}

/**
 * Files that nothing loads, for a reason: type tests are there for the compiler alone, and programs
 * are started by the path of their file, as vitest does too.
 */
const startedByPath = new Set(
  ["sim/main.ts", "sim/planted-main.ts", "slurm/end-farm.ts", "soak/main.ts", "own-home.ts"].map(
    (name) => `e2e/src/${name}`,
  ),
);
const isLeftAlone = (path: string): boolean =>
  /\.typecheck\.ts$|^e2e\/(?:bench|conformance)\/(?:.*\/)?(?:main|fake-workers|programs\/[\w-]+)\.ts$/.test(
    path,
  ) || startedByPath.has(path);

/** Looks through all modules for exports and files without use. */
export function findDeadCode(graph: ModuleGraph): DeadCode {
  const all = collectUsage(graph, true);
  const shipped = collectUsage(graph, false);
  const dead: DeadCode = { unused: [], onlyTested: [], orphans: [] };
  const entries = new Set(graph.packages.flatMap(entrySources));
  for (const [path, { file, syntax }] of graph.modules) {
    if (file.isTest || entries.has(path) || isLeftAlone(path)) continue;
    if (!all.files.has(path)) dead.orphans.push(path);
    for (const { name, line, isType } of syntax.exports) {
      // A type that an exported signature of its own file names is part of that signature.
      const usedHere = syntax.tokens.filter(({ text }) => text === name).length > 1;
      if (name === "*" || (isType && usedHere)) continue;
      if (!isUsed(all, path, name)) dead.unused.push(`${path}:${line}: ${name}`);
      // e2e is there for tests alone.
      else if (!usedHere && packageFolderOf(path) !== "e2e" && !isUsed(shipped, path, name))
        dead.onlyTested.push(`${path}:${line}: ${name}`);
    }
  }
  return dead;
}

function isUsed({ names }: Usage, path: string, name: string): boolean {
  const used = names.get(path);
  return used !== undefined && (used.has(name) || used.has("*"));
}

function collectUsage(graph: ModuleGraph, withTests: boolean): Usage {
  const usage: Usage = { names: new Map(), files: new Set() };
  const mark = (path: string, name: string) => markUsed(graph, usage, path, name);
  for (const path of graph.packages.flatMap(entrySources)) mark(path, "*");
  for (const [path, { file, syntax }] of graph.modules) {
    if (file.isTest && !withTests) continue;
    for (const { specifier, names } of syntax.imports) {
      const target = resolveSource(graph, path, specifier);
      if (target === undefined) continue;
      usage.files.add(target);
      for (const name of names) mark(target, name);
    }
    for (const reference of syntax.fileReferences) {
      const target = resolveSource(graph, path, reference);
      if (target !== undefined) mark(target, "*");
    }
  }
  return usage;
}

/** Marks a name and, through re-exports, the place it comes from. */
function markUsed(graph: ModuleGraph, usage: Usage, path: string, name: string): void {
  usage.files.add(path);
  const names = usage.names.get(path) ?? new Set();
  if (names.has(name)) return;
  usage.names.set(path, names.add(name));
  for (const exported of graph.modules.get(path)?.syntax.exports ?? []) {
    const { from } = exported;
    if (from === undefined) continue;
    if (name !== "*" && exported.name !== "*" && exported.name !== name) continue;
    const target = resolveSource(graph, path, from.specifier);
    if (target === undefined) continue;
    // Through `export *` the name is looked for under its own name.
    markUsed(graph, usage, target, exported.name === "*" ? name : from.name);
  }
}

/** Declared packages that no source of the package imports. */
export function findUnusedDependencies(graph: ModuleGraph): string[] {
  const offences: string[] = [];
  for (const { folder, manifest } of graph.packages) {
    const used = new Set<string>();
    const shipped = new Set<string>();
    for (const [path, { file, syntax }] of graph.modules) {
      if (packageFolderOf(path) !== folder) continue;
      const reexports = syntax.exports.flatMap(({ from }) => (from ? [from.specifier] : []));
      const imported = syntax.imports.map((entry) => entry.specifier);
      // Programs are started by name too: `["--import", "tsx"]`, `import.meta.resolve("ws")`.
      const named = syntax.tokens.flatMap(({ kind, text }) => (kind === "string" ? [text] : []));
      const specifiers = [...imported, ...reexports, ...named];
      for (const specifier of specifiers) {
        used.add(packageNameOf(specifier));
        if (!file.isTest) shipped.add(packageNameOf(specifier));
      }
    }
    const isShipped = manifest.version !== undefined;
    for (const name of Object.keys(manifest.dependencies ?? {})) {
      if (!(isShipped ? shipped : used).has(name)) offences.push(`${folder}: ${name}`);
    }
    for (const name of Object.keys(manifest.devDependencies ?? {})) {
      if (!used.has(name.replace(/^@types\//, "")))
        offences.push(`${folder}: ${name} (development)`);
    }
  }
  return offences;
}
