// A folder with the fixture programs once per loader, as authors or compilers leave them, and the
// processes that pack and load there. Knows no expectations.

import { execFile } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import type { Loader } from "./rows.js";

const run = promisify(execFile);
const require = createRequire(import.meta.url);
const here = dirname(fileURLToPath(import.meta.url));
const ownPackage = join(here, "../..");

/** What packing came to for one case: what travels, or why nothing does. */
export interface PackedCase {
  readonly kind?: string;
  readonly hash?: string;
  readonly where?: string;
  readonly bytes?: number;
  readonly stable?: boolean;
  readonly warnings?: readonly string[];
  readonly frames?: readonly string[];
  readonly refused?: Refusal;
}

export interface Refusal {
  readonly name: string;
  readonly code?: string;
  readonly message: string;
  readonly path?: readonly string[];
  readonly location?: string;
}

/** What the other process answered. */
export interface LoadedCase {
  readonly value?: unknown;
  readonly thrown?: { name: string; code?: string; message: string; stack: string };
}

export type Answers<T> = Record<string, T>;

interface Layout {
  readonly folder: string;
  readonly extension: string;
  readonly flags: readonly string[];
}

const tsx = ["--import", pathToFileURL(require.resolve("tsx")).href];

/** Where each loader's program is and how node runs it. */
export const layouts: Readonly<Record<Loader, Layout>> = {
  plain: { folder: "plain", extension: "mjs", flags: [] },
  tsx: { folder: "ts-esm", extension: "ts", flags: tsx },
  esm: { folder: "compiled-esm", extension: "js", flags: [] },
  commonjs: { folder: "compiled-commonjs", extension: "js", flags: [] },
  "tsx-commonjs": { folder: "ts-commonjs", extension: "ts", flags: tsx },
  stripped: { folder: "ts-stripped", extension: "ts", flags: [] },
  vitest: { folder: "ts-esm", extension: "ts", flags: [] },
};

interface RunOptions {
  readonly flags?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Program to start, of the world's folder; it is told where to write. */
  readonly program?: string;
  /** The node to run it. */
  readonly node?: string;
}

/** Makes the folder; `remove` it afterwards. */
export async function createWorld(): Promise<World> {
  const root = realpathSync(mkdtempSync(join(tmpdir(), "acme-acceptance-")));
  const fixtures = join(here, "fixtures");
  for (const name of readdirSync(fixtures)) {
    if (name.endsWith(".mjs")) cpSync(join(fixtures, name), join(root, name));
  }
  mkdirSync(join(root, "node_modules/@acme"), { recursive: true });
  cpSync(join(fixtures, "packages"), join(root, "node_modules"), { recursive: true });
  symlinkSync(ownPackage, join(root, "node_modules/@acme/serialize"));
  const cases = join(fixtures, "cases");
  writeSources(cases, join(root, "plain"), { extension: "mjs", type: "module" });
  writeSources(cases, join(root, "ts-esm"), { extension: "ts", type: "module" });
  writeSources(cases, join(root, "ts-commonjs"), { extension: "ts", type: "commonjs" });
  writeSources(cases, join(root, "ts-stripped"), { extension: "ts", type: "module", native: true });
  await compile(root, "esm", ["--module", "nodenext"]);
  await compile(root, "commonjs", ["--module", "commonjs", "--moduleResolution", "bundler"]);
  return new World(root);
}

interface Variant {
  readonly extension: "mjs" | "ts";
  readonly type: "module" | "commonjs";
  /** Written for node's own TypeScript support: imports name the .ts files. */
  readonly native?: boolean;
}

/** Writes the sources as one loader wants them; types are comments of the same length in them. */
function writeSources(from: string, to: string, { extension, type, native }: Variant): void {
  mkdirSync(to);
  writeFileSync(join(to, "package.json"), JSON.stringify({ type }));
  for (const name of readdirSync(from)) {
    const source = readFileSync(join(from, name), "utf8");
    const stem = name.replace(/\.mjs$/, "");
    const forCommonjs = stem.endsWith("-commonjs");
    if (name.endsWith(".cjs")) writeFileSync(join(to, name), source);
    else if (forCommonjs ? type === "commonjs" : type === "module" || stem !== "meta") {
      const target = `${stem.replace("-commonjs", "")}.${extension}`;
      const specifiers = `$1${native ? "ts" : "js"}"`;
      const text =
        extension === "mjs" ? source : typed(source).replace(/("\.\/\w+\.)mjs"/g, specifiers);
      writeFileSync(join(to, target), text);
    }
  }
}

function typed(source: string): string {
  return source.replace(/\/\*:([^*]+)\*\//g, "  :$1  ");
}

async function compile(
  root: string,
  kind: "esm" | "commonjs",
  flags: readonly string[],
): Promise<void> {
  const from = join(root, `ts-${kind}`);
  const to = join(root, `compiled-${kind}`);
  cpSync(from, to, { recursive: true, filter: (path) => !path.endsWith(".ts") });
  const common = [
    "--ignoreConfig",
    "--noCheck",
    "--target",
    "es2022",
    "--sourceMap",
    "--outDir",
    to,
    "--rootDir",
    from,
  ];
  const tsc = join(dirname(require.resolve("typescript/package.json")), "bin/tsc");
  const { stdout } = await run(process.execPath, [tsc, ...common, ...flags, join(from, "main.ts")]);
  if (stdout !== "") throw new Error(`the fixtures do not compile: ${stdout}`);
}

/** The folder and its processes. */
export class World {
  readonly root: string;
  #files = 0;

  constructor(root: string) {
    this.root = root;
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }

  folder(loader: Loader): string {
    return join(this.root, layouts[loader].folder);
  }

  /** The file of a fixture module, as this loader runs it. */
  file(loader: Loader, stem: string): string {
    return join(this.folder(loader), `${stem}.${layouts[loader].extension}`);
  }

  /** Packs all cases in a fresh process. */
  async pack(loader: Loader, options: RunOptions = {}): Promise<Answers<PackedCase>> {
    const { flags, extension, folder } = layouts[loader];
    const program = options.program ?? join(folder, `main.${extension}`);
    const answers = this.#file();
    const args = [...flags, ...(options.flags ?? []), join(this.root, program), answers];
    await this.#run(args, this.folder(loader), options);
    return JSON.parse(readFileSync(answers, "utf8"));
  }

  /** Loads and calls what was packed, in a fresh process that started in another folder. */
  async load(
    packed: Answers<PackedCase>,
    args: Readonly<Record<string, readonly unknown[]>>,
    options: RunOptions = {},
  ): Promise<Answers<LoadedCase>> {
    const [input, given, answers] = [this.#file(), this.#file(), this.#file()];
    writeFileSync(input, JSON.stringify(packed));
    writeFileSync(given, JSON.stringify(args));
    const program = join(this.root, options.program ?? "load-all.mjs");
    await this.#run([...(options.flags ?? []), program, input, given, answers], "/", options);
    return JSON.parse(readFileSync(answers, "utf8"));
  }

  /** A file name for one process to write and the next to read. */
  #file(): string {
    return join(this.root, `exchange-${this.#files++}.json`);
  }

  async #run(args: readonly string[], cwd: string, { env, node }: RunOptions): Promise<void> {
    // The test runner's own settings are none of the programs'.
    const clean = { ...process.env, NODE_OPTIONS: "", NODE_V8_COVERAGE: "", VITEST: "", ...env };
    await run(node ?? process.execPath, [...args], { cwd, env: clean, timeout: 60_000 });
  }
}
