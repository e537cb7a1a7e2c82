// Makes one file of the many modules of an entry point, since finding and linking modules is most of
// what a start costs: docs/decisions/0010. Knows which files are programs; compiles for no tests.

import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, version } from "esbuild";

const packages = fileURLToPath(new URL("./packages", import.meta.url));

/** Started rather than imported, each alone in its thread or process. */
const programs = {
  acme: ["src/cli.ts"],
  jobqueue: ["src/shell/watchdog-main.ts"],
  scheduler: ["src/cli.ts", "src/shell/scheduler-thread.ts"],
  worker: [
    "src/cli.ts",
    "src/shell/worker-process.ts",
    "src/exec/thread-main.ts",
    "src/exec/process-main.ts",
  ],
};

/** Whose functions ship by reference: executors import these files and nothing else of theirs. */
const shipped = {
  client: [
    "src/parallel-map/write-result.ts",
    "src/parallel-map/return-result.ts",
    "src/parallel-map/records/view-folder.ts",
  ],
};

/** Brings `dist/bundle` of every package up to date with its sources. */
export async function bundlePackages() {
  // What another branch left behind is no package.
  const names = readdirSync(packages).filter((name) => existsSync(join(packages, name, "src")));
  await Promise.all(names.map(bundlePackage));
}

/** vitest's: threads and processes that tests start run bundles. */
export const setup = bundlePackages;

async function bundlePackage(name) {
  const root = join(packages, name);
  const target = join(root, "dist/bundle");
  const stamp = stampOf(root);
  const stampFile = join(root, "dist/.bundle-stamp");
  const isBuilt = existsSync(join(target, "index.js")) && existsSync(stampFile);
  if (isBuilt && readFileSync(stampFile, "utf8") === stamp) return;
  const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const entries = libraryEntries(manifest);
  const library = entries.filter((entry) => !isCore(entry));
  const alone = [...entries.filter(isCore), ...named(programs[name] ?? [])];
  const groups = [[...library, ...named(shipped[name] ?? [])], ...alone.map((entry) => [entry])];
  const files = new Map();
  for (const group of groups) {
    for (const [file, contents] of await bundle(root, target, group)) files.set(file, contents);
  }
  mkdirSync(target, { recursive: true });
  for (const [file, contents] of files) replace(join(target, file), contents);
  for (const file of readdirSync(target)) {
    const isOld = /\.js(\.map)?$/.test(file) && !files.has(file);
    if (isOld) rmSync(join(target, file), { force: true });
  }
  writeFileSync(stampFile, stamp);
}

/** Entries that others import, as [name of the bundle, source]. */
function libraryEntries({ exports }) {
  return Object.values(exports).flatMap(({ "@acme/source": source, default: built }) =>
    source === undefined ? [] : [[basename(built, ".js"), source]],
  );
}

/** A core by itself is for simulators; that a library has a copy too breaks nothing in plain data. */
const isCore = ([name]) => name.endsWith("core");

const named = (sources) => sources.map((source) => [basename(source, ".ts"), source]);

async function bundle(root, target, entries) {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: Object.fromEntries(entries),
    outdir: target,
    bundle: true,
    // A package exists once per process: everything of others stays outside.
    packages: "external",
    splitting: true,
    chunkNames: "part-[hash]",
    format: "esm",
    platform: "node",
    target: "node20.19",
    sourcemap: "linked",
    sourcesContent: false,
    write: false,
    logLevel: "warning",
  });
  return outputFiles.map(({ path, text }) => [basename(path), withClassNames(text)]);
}

/** `class X` has become `var X = class _X`, whose name users would read in errors and inspection. */
function withClassNames(text) {
  const renamed = [...text.matchAll(/ = class _(\w+)/g)].map(([, name]) => name);
  return renamed.reduce(
    (all, name) => all.replaceAll(new RegExp(`\\b_${name}\\b`, "g"), name),
    text,
  );
}

/** Never half a file under its name: programs may be starting. */
function replace(file, contents) {
  if (existsSync(file) && readFileSync(file, "utf8") === contents) return;
  const part = `${file}.${process.pid}`;
  writeFileSync(part, contents);
  renameSync(part, file);
}

/** What a bundle is made of: another stamp, another bundle. */
function stampOf(root) {
  const sources = readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts") && !/\.test\.ts$|(?:^|\/)fixtures\//.test(file))
    .map((file) => join(root, "src", file));
  const hash = createHash("sha256").update(version);
  for (const file of [
    fileURLToPath(import.meta.url),
    join(root, "package.json"),
    ...sources.sort(),
  ]) {
    const { mtimeMs, size } = statSync(file);
    hash.update(`${file} ${mtimeMs} ${size}\n`);
  }
  return hash.digest("hex");
}
