// Finding and reading configuration files by dask's rules: places in a fixed order, inside a folder
// every YAML and JSON file sorted by name, a missing place skipped. Each value keeps its file and
// line, so that an error about it can say where it stands.

import { readdirSync, readFileSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { extname, join } from "node:path";
import type { Document, LineCounter, Node, Tags, YAMLMap } from "yaml";
import { ConfigError, type Origin } from "./errors.js";
import { configLimits } from "./limits.js";
import { canonicalName, describeKind, mergeInto, type Tree } from "./tree.js";

const require = createRequire(import.meta.url);
let loaded: typeof import("yaml") | undefined;

/** Most machines have no file of settings, and loading the parser takes longer than all else. */
function yaml(): typeof import("yaml") {
  loaded ??= require("yaml") as typeof import("yaml");
  return loaded;
}

/** A file or a folder of files that may hold settings. */
export interface ConfigPlace {
  path: string;
  /** A required place that is absent or unreadable is an error; others are skipped, as in dask. */
  required: boolean;
}

/**
 * Where settings are looked for, lowest precedence first: dask's places, then ours.
 *
 * @param env - environment variables; `DASK_CONFIG`, `ACME_CONFIG`, `DASK_ROOT_CONFIG` and
 *   `ACME_ROOT_CONFIG` name places
 * @param homeDir - the user's home folder
 */
export function configPlaces(
  env: Readonly<Record<string, string | undefined>>,
  homeDir: string,
): ConfigPlace[] {
  const places = ["dask", "acme"].flatMap((system): ConfigPlace[] => {
    const prefix = system.toUpperCase();
    const named = env[`${prefix}_CONFIG`];
    return [
      { path: env[`${prefix}_ROOT_CONFIG`] || `/etc/${system}`, required: false },
      { path: join(homeDir, ".config", system), required: false },
      // dask also writes to DASK_CONFIG, so that file need not exist yet; ours is only ever read.
      ...(named ? [{ path: named, required: system === "acme" }] : []),
    ];
  });
  // A place named twice counts where it was named last.
  return places.filter(
    ({ path }, index) => !places.some((other, at) => at > index && other.path === path),
  );
}

/** Reads every file of one place, later names over earlier ones. */
export function readPlace(place: ConfigPlace): Tree {
  const tree: Tree = new Map();
  for (const file of listFiles(place)) {
    const text = readText(file, place.required);
    if (text !== undefined) mergeInto(tree, parseConfigText(text, file));
  }
  return tree;
}

function listFiles({ path, required }: ConfigPlace): string[] {
  try {
    if (!statSync(path).isDirectory()) return [path];
    return readdirSync(path)
      .filter((name) => [".yaml", ".yml", ".json"].includes(extname(name).toLowerCase()))
      .sort()
      .map((name) => join(path, name));
  } catch (cause) {
    if (!required) return [];
    throw unreadable(path, cause);
  }
}

function readText(file: string, required: boolean): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    if (!required) return undefined;
    throw unreadable(file, cause);
  }
}

function unreadable(file: string, cause: unknown): ConfigError {
  return new ConfigError("the configuration cannot be read; correct or unset ACME_CONFIG", {
    code: "CONFIG_UNREADABLE",
    file,
    cause,
  });
}

interface Source {
  readonly document: Document;
  readonly lines: LineCounter;
  readonly file: string;
  /** How many levels deep the reading is; an alias to its own level would never end. */
  depth: number;
}

/** Settings in one YAML or JSON text. An empty text holds none. */
export function parseConfigText(text: string, file: string): Tree {
  const lines = new (yaml().LineCounter)();
  const document = yaml().parseDocument(text, {
    // dask reads YAML 1.1, where `on` and `yes` are true. Its clock times and dates are left out:
    // `walltime: 10:00:00` must stay the text the batch system is to see.
    version: "1.1",
    customTags: (tags) => tags.filter(isPlainTag),
    // As in dask the later of two equal names counts; and `y` and `on` are two names to us.
    uniqueKeys: false,
    lineCounter: lines,
    prettyErrors: false,
  });
  const [error] = document.errors;
  if (error !== undefined)
    throw syntaxError(error, { file, line: lines.linePos(error.pos[0]).line });
  const source = { document, lines, file, depth: 0 };
  const { contents } = document;
  if (contents === null || (yaml().isScalar(contents) && contents.value === null)) return new Map();
  if (yaml().isMap(contents)) return readMap(contents, source);
  throw new ConfigError(
    `the top level of a configuration file must hold names and values, not ${describeKind(
      contents.toJS(document),
    )}`,
    { code: "CONFIG_NOT_A_MAP", ...originOf(contents, source) },
  );
}

function isPlainTag(tag: Tags[number]): boolean {
  if (typeof tag === "string") return tag !== "timestamp" && !tag.endsWith("Time");
  return tag.format !== "TIME" && !tag.tag.endsWith(":timestamp");
}

function syntaxError(cause: Error, origin: Origin): ConfigError {
  return new ConfigError(`this is no valid YAML or JSON: ${cause.message}`, {
    code: "CONFIG_SYNTAX",
    ...origin,
    cause,
  });
}

function originOf(node: Node, { lines, file }: Source): Origin {
  const offset = node.range?.[0];
  return offset === undefined ? { file } : { file, line: lines.linePos(offset).line };
}

function readMap(map: YAMLMap, source: Source): Tree {
  source.depth += 1;
  if (source.depth > configLimits.depth) {
    const message = `settings are nested more than ${configLimits.depth} levels deep`;
    throw syntaxError(new Error(message), originOf(map, source));
  }
  const tree: Tree = new Map();
  for (const { key, value } of map.items) {
    if (!yaml().isScalar(key)) continue;
    const node = yaml().isNode(value) ? resolve(value, source) : undefined;
    if (key.source === "<<") {
      for (const base of basesOf(node, source)) mergeInto(tree, withoutKnown(base, tree));
      continue;
    }
    // The name as written: YAML 1.1 would turn a setting named `y` into `true`.
    const name = canonicalName(tree, key.source ?? String(key.value));
    if (yaml().isMap(node)) tree.set(name, readMap(node, source));
    else tree.set(name, { value: readLeaf(node, source), origin: originOf(key, source) });
  }
  source.depth -= 1;
  return tree;
}

function resolve(node: Node, source: Source): Node {
  if (!yaml().isAlias(node)) return node;
  const target = node.resolve(source.document);
  if (target !== undefined) return target;
  throw syntaxError(new Error(`nothing is anchored as &${node.source}`), originOf(node, source));
}

function basesOf(node: Node | undefined, source: Source): Tree[] {
  const nodes = yaml().isSeq(node)
    ? node.items.filter(yaml().isNode)
    : node === undefined
      ? []
      : [node];
  return nodes
    .map((item) => resolve(item, source))
    .filter((item) => yaml().isMap(item))
    .map((item) => readMap(item, source));
}

function withoutKnown(base: Tree, tree: Tree): Tree {
  return new Map([...base].filter(([name]) => !tree.has(canonicalName(tree, name))));
}

function readLeaf(node: Node | undefined, source: Source): unknown {
  if (node === undefined) return null;
  try {
    return node.toJS(source.document);
  } catch (cause) {
    throw syntaxError(cause as Error, originOf(node, source));
  }
}
