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
    "src/exec/translator-main.ts",
  ],
};

/**
 * What programs carry in themselves, since of many files most of the time goes into finding them:
 * two hundred workers that start at once all look on one shared file system.
 */
const carried = { worker: ["commander", "pino"] };

/** Whose functions ship by reference: executors import these files and nothing else of theirs. */
const shipped = {
  client: [
    "src/parallel-map/write-result.ts",
    "src/parallel-map/return-result.ts",
    "src/parallel-map/records/view-folder.ts",
    "src/command/run-command.ts",
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
  const ours = named(programs[name] ?? []);
  const groups = [[...library, ...named(shipped[name] ?? [])], ...alone.map((entry) => [entry])];
  const files = new Map();
  for (const group of groups) {
    const inside = ours.some(([program]) => program === group[0][0]) ? (carried[name] ?? []) : [];
    const external = Object.keys(manifest.dependencies ?? {}).filter(
      (each) => !inside.includes(each),
    );
    for (const [file, contents] of await bundle({
      root,
      target,
      entries: group,
      inside,
      external,
    })) {
      files.set(file, contents);
    }
  }
  mkdirSync(target, { recursive: true });
  for (const [file, contents] of files) replace(join(target, file), contents);
  for (const file of readdirSync(target)) {
    const isOld = /\.(js(\.map)?|txt)$/.test(file) && !files.has(file);
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

async function bundle({ root, target, entries, inside, external }) {
  const { outputFiles, metafile } = await build({
    metafile: true,
    absWorkingDir: root,
    entryPoints: Object.fromEntries(entries),
    outdir: target,
    bundle: true,
    // A package exists once per process: everything of others stays outside, but for what nobody
    // else in the process uses.
    ...(inside.length === 0
      ? { packages: "external" }
      : { external: external.flatMap((each) => [each, `${each}/*`]), plugins: [required(inside)] }),
    ...(inside.length === 0 ? {} : { banner: { js: requireBanner } }),
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
  const files = outputFiles.map(({ path, text }) => [basename(path), withClassNames(text)]);
  const notices = noticesOf(root, Object.keys(metafile.inputs));
  if (notices !== "") files.push([`${entries[0][0]}.third-party.txt`, notices]);
  return files;
}

/** Licenses of what is carried inside, as each of them demands. */
function noticesOf(root, inputs) {
  const folders = inputs.flatMap(
    (file) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0] ?? [],
  );
  const texts = [...new Set(folders)].sort().map((folder) => {
    const license = readdirSync(join(root, folder)).find((file) => /^licen[cs]e/i.test(file));
    if (license === undefined) throw new Error(`${folder} has no license that could go with it`);
    const name = folder.slice(folder.lastIndexOf("node_modules/") + "node_modules/".length);
    return `${name}\n\n${readFileSync(join(root, folder, license), "utf8").trim()}\n`;
  });
  return texts.join(`\n${"-".repeat(80)}\n\n`);
}

/** CommonJS inside an ES module still asks for node's own modules. */
const requireBanner =
  'import { createRequire as requireOf } from "node:module"; const require = requireOf(import.meta.url);';

/** Modules that load something late by a `require` of their own: esbuild has to see it. */
function required(inside) {
  const late = new RegExp(`\\brequire\\("(${inside.join("|")})"\\)`);
  return {
    name: "required",
    setup({ onLoad }) {
      onLoad({ filter: /\/src\/.*\.ts$/ }, ({ path }) => {
        const text = readFileSync(path, "utf8");
        if (!late.test(text)) return undefined;
        const contents = text.replace("const require = createRequire(import.meta.url);", "");
        return { contents, loader: "ts" };
      });
    },
  };
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
