// All modules of the repository and who uses whom: resolves relative and `@acme/…` specifiers to
// source files. It judges nothing; the rules read it.

import { existsSync } from "node:fs";
import { join, posix } from "node:path";
import { type ModuleSyntax, readModuleSyntax } from "./module-syntax.js";
import {
  describePath,
  listModules,
  listPackages,
  type Package,
  packageFolderOf,
  repositoryRoot,
  type SourceFile,
} from "./repository.js";

export interface Module {
  file: SourceFile;
  syntax: ModuleSyntax;
}

export interface ModuleGraph {
  /** By path from the root. */
  modules: ReadonlyMap<string, Module>;
  packages: readonly Package[];
}

/** Reads every source of every package, fixtures too. */
export function readModuleGraph(): ModuleGraph {
  const modules = new Map<string, Module>();
  for (const file of listPackages().flatMap(({ folder }) => listModules(folder))) {
    modules.set(file.path, { file, syntax: readModuleSyntax(file.text) });
  }
  return { modules, packages: listPackages() };
}

/** The graph with one more module that no file holds, to try a rule on. */
export function withModule(graph: ModuleGraph, path: string, text: string): ModuleGraph {
  const file = { ...describePath(path), text, lineCount: text.split("\n").length };
  return {
    ...graph,
    modules: new Map([...graph.modules, [path, { file, syntax: readModuleSyntax(text) }]]),
  };
}

/**
 * The source a specifier leads to, as a path from the root.
 *
 * @returns undefined for packages from outside and for `node:` modules
 */
export function resolveSource(
  graph: ModuleGraph,
  importer: string,
  specifier: string,
): string | undefined {
  if (specifier.startsWith(".")) {
    const path = posix.normalize(posix.join(posix.dirname(importer), specifier));
    const source = path.replace(/\.js$/, ".ts");
    const isSource = graph.modules.has(source) || existsSync(join(repositoryRoot, source));
    return isSource ? source : path;
  }
  const [, scoped, subpath] = /^(@acme\/[^/]+)(\/.+)?$/.exec(specifier) ?? [];
  const target = graph.packages.find((package_) => package_.manifest.name === scoped);
  const entry = target?.manifest.exports?.[subpath === undefined ? "." : `.${subpath}`];
  if (target === undefined || entry === undefined) return undefined;
  return sourceOfEntry(target, entry);
}

/** Sources that `package.json` opens to others: entry points and commands. */
export function entrySources(package_: Package): string[] {
  const { exports = {}, bin = {} } = package_.manifest;
  const entries = Object.values(exports)
    .map((entry) => sourceOfEntry(package_, entry))
    .filter((path) => path !== undefined);
  const commands = Object.keys(bin).length > 0 ? [`${package_.folder}/src/cli.ts`] : [];
  return [...new Set([`${package_.folder}/src/index.ts`, ...entries, ...commands])];
}

function sourceOfEntry(
  package_: Package,
  entry: string | Record<string, string>,
): string | undefined {
  const target = typeof entry === "string" ? entry : entry.types;
  if (target === undefined || !/^\.\/dist\/.*\.d\.ts$/.test(target)) return undefined;
  return `${package_.folder}/src/${target.slice("./dist/".length).replace(/\.d\.ts$/, ".ts")}`;
}

/** Name of the package that a bare specifier needs: `@a/b/c` → `@a/b`. */
export function packageNameOf(specifier: string): string {
  return specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
}

export function packageOf(graph: ModuleGraph, path: string): Package {
  const folder = packageFolderOf(path);
  const found = graph.packages.find((package_) => package_.folder === folder);
  if (found === undefined) throw new Error(`${path} lies in no package`);
  return found;
}
