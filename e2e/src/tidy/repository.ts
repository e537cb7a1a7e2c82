// The repository as the tidy tests see it: its packages, and its files as text. Reads the working
// tree, not git, so that a file counts from the moment it is written.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, extname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";

export const repositoryRoot = fileURLToPath(new URL("../../..", import.meta.url)).replace(
  /[\\/]$/,
  "",
);

/** What a package.json says that the rules look at. */
export interface Manifest {
  name: string;
  version?: string;
  private?: boolean;
  description?: string;
  license?: string;
  type?: string;
  engines?: Record<string, string>;
  files?: string[];
  bin?: Record<string, string>;
  exports?: Record<string, string | Record<string, string>>;
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
}

export interface Package {
  /** Folder from the root, such as `packages/protocol`. */
  folder: string;
  /** Last part of the folder, such as `protocol`. */
  shortName: string;
  manifest: Manifest;
}

export interface SourceFile {
  /** Path from the root with forward slashes. */
  path: string;
  text: string;
  lineCount: number;
  /** Tests, and what stands in fixtures: not built, not published. */
  isTest: boolean;
  /** Recorded data and programs that tests run; exempt from the rules of style. */
  isFixture: boolean;
}

const generated = new Set([
  ...["node_modules", "dist", ".git", "coverage", ".venv", ".vitest", "__pycache__"],
]);

/** Every folder that has its own package.json, except the root. */
export function listPackages(): Package[] {
  const folders = ["packages", "examples"].flatMap((parent) =>
    readdirSync(join(repositoryRoot, parent)).map((name) => `${parent}/${name}`),
  );
  return [...folders, "e2e"]
    .filter((folder) => existsSync(join(repositoryRoot, folder, "package.json")))
    .map((folder) => ({ folder, shortName: basename(folder), manifest: readManifest(folder) }));
}

export function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(repositoryRoot, folder, "package.json"), "utf8"));
}

/** Paths of all files that belong to the project, sorted. */
export function listPaths(folder = ""): string[] {
  const paths: string[] = [];
  for (const entry of readdirSync(join(repositoryRoot, folder), { withFileTypes: true })) {
    if (generated.has(entry.name) || entry.name.startsWith("ACME_")) continue;
    const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory()) paths.push(...listPaths(path));
    else if (entry.isFile() && !/\.(log|tsbuildinfo)$/.test(entry.name)) paths.push(path);
  }
  return paths.sort();
}

export function readSource(path: string): SourceFile {
  const text = readFileSync(join(repositoryRoot, path), "utf8");
  const lineCount = text.split("\n").length - (text.endsWith("\n") ? 1 : 0);
  return { ...describePath(path), text, lineCount };
}

/** What a path alone tells about a file. */
export function describePath(path: string): Pick<SourceFile, "path" | "isTest" | "isFixture"> {
  const isFixture = path.split("/").some((part) => /^(?:fixtures|__snapshots__)$/.test(part));
  return { path, isTest: isFixture || /\.test\.ts$/.test(path), isFixture };
}

/** TypeScript sources below a folder, without fixtures. */
export function listSources(folder: string): SourceFile[] {
  return listModules(folder).filter((file) => !file.isFixture);
}

/** TypeScript sources of a package, with what tests keep in fixtures. */
export function listModules(folder: string): SourceFile[] {
  return ["src", "bench", "conformance"]
    .map((part) => `${folder}/${part}`)
    .filter((root) => existsSync(join(repositoryRoot, root)))
    .flatMap((root) => listPaths(root))
    .filter((path) => extname(path) === ".ts")
    .map(readSource);
}

/** All sources of all packages, without fixtures. */
export function listAllSources(): SourceFile[] {
  return listPackages().flatMap((package_) => listSources(package_.folder));
}

/** The package folder that a path lies in, or undefined for files of the root. */
export function packageFolderOf(path: string): string | undefined {
  const parts = path.split("/");
  if (parts[0] === "e2e") return "e2e";
  if (parts[0] === "packages" || parts[0] === "examples") return parts.slice(0, 2).join("/");
  return undefined;
}

/** The JavaScript that the build makes of a source. */
export function builtPathOf(path: string): string {
  const folder = packageFolderOf(path);
  const inside = path.slice(`${folder}/`.length).replace(/^src\//, "");
  return `${folder}/dist/${inside.replace(/\.ts$/, ".js")}`;
}

export function fromRoot(absolutePath: string): string {
  return relative(repositoryRoot, absolutePath).split(sep).join("/");
}
