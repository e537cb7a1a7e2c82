// Puts the layers together by dask's precedence. The one place of this package that looks at the
// process, and only for the defaults of its parameters.

import { homedir } from "node:os";
import { Config } from "./config.js";
import { environmentTree } from "./environment.js";
import { configPlaces, readPlace } from "./files.js";
import { mergeInto, type Tree, treeOf } from "./tree.js";

export interface LoadConfigOptions {
  /** Environment variables; those of this process by default. */
  env?: Readonly<Record<string, string | undefined>>;
  /** Home folder, below which `.config/dask` and `.config/acme` are looked for. */
  homeDir?: string;
  /** Settings below everything else, as a package's own defaults are. */
  defaults?: Readonly<Record<string, unknown>>;
  /** Settings above everything else, as options given in code are. */
  overrides?: Readonly<Record<string, unknown>>;
}

/**
 * Loads the settings. From low to high: `defaults`; files below `/etc/dask`, `~/.config/dask`,
 * `$DASK_CONFIG`, `/etc/acme`, `~/.config/acme`, `$ACME_CONFIG`; variables `DASK_…`, then `ACME_…`,
 * with `__` between levels; `overrides`.
 *
 * @param options - layers, and the environment and home folder to look at
 * @throws ConfigError when a file is malformed, or `ACME_CONFIG` names one that cannot be read
 * @example
 * ```ts
 * const config = loadConfig({ env: { ACME_JOBQUEUE__SLURM__QUEUE: "8GBXS" }, homeDir: "/home/ada" });
 * config.get("jobqueue.slurm.queue"); // "8GBXS"
 * ```
 */
export function loadConfig(options: LoadConfigOptions = {}): Config {
  const { env = process.env, homeDir = homedir(), defaults = {}, overrides = {} } = options;
  const tree: Tree = treeOf(defaults);
  for (const place of configPlaces(env, homeDir)) mergeInto(tree, readPlace(place));
  for (const prefix of ["DASK", "ACME"]) mergeInto(tree, environmentTree(env, prefix));
  mergeInto(tree, treeOf(overrides));
  return new Config(tree);
}
