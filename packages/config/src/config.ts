// The settings after loading: an immutable view with typed reads whose errors name the file and
// line of the value. It does not know where files are or how they are read.

import { ConfigError, type Origin } from "./errors.js";
import { describeKind, findPath, mergeInto, plainValue, type Tree, treeOf } from "./tree.js";
import {
  type ParseBytesOptions,
  type ParseDurationOptions,
  parseBytes,
  parseDurationMs,
} from "./units.js";

/**
 * Loaded settings. Paths are dotted (`"distributed.comm.timeouts.connect"`), and `-` and `_` in a
 * name are the same. A setting that is set to nothing (`null`) is set: reads give `null` when their
 * default is `null`, otherwise they refuse it.
 *
 * @example
 * ```ts
 * const config = loadConfig({ overrides: { "jobqueue.slurm.memory": "4 GiB" } });
 * config.getBytes("jobqueue.slurm.memory", null); // 4294967296
 * ```
 */
export class Config {
  readonly #tree: Tree;

  /** Made by `loadConfig`, which is how settings are read. */
  constructor(tree: Tree) {
    this.#tree = tree;
  }

  /**
   * Reads a value or a whole level as plain data.
   *
   * @param path - dotted path
   * @param fallback - returned when the setting is set nowhere
   * @throws ConfigError `CONFIG_MISSING` when it is set nowhere and there is no fallback
   */
  get<T = unknown>(path: string, ...fallback: [T?]): T {
    const node = findPath(this.#tree, path);
    if (node !== undefined) return plainValue(node) as T;
    if (fallback.length > 0) return fallback[0] as T;
    throw new ConfigError(`the setting "${path}" is set nowhere and has no default`, {
      code: "CONFIG_MISSING",
      path,
    });
  }

  /** Whether the setting, or a level of that name, is set. */
  has(path: string): boolean {
    return findPath(this.#tree, path) !== undefined;
  }

  /** Where a value was set; undefined for levels and for settings that are set nowhere. */
  origin(path: string): Origin | undefined {
    const node = findPath(this.#tree, path);
    return node === undefined || node instanceof Map ? undefined : node.origin;
  }

  /**
   * Reads a size.
   *
   * @param path - dotted path
   * @param fallback - bytes, or null, when the setting is set nowhere
   * @param options - `wholeBytes`: what fractions such as `0.6` refer to
   * @throws ConfigError `CONFIG_VALUE` when the value is no size
   */
  getBytes<F extends number | null>(
    path: string,
    fallback: F,
    options: ParseBytesOptions = {},
  ): number | F {
    return this.#read(path, fallback, (value) => parseBytes(asQuantity(value, "a size"), options));
  }

  /**
   * Reads a duration in milliseconds; bare numbers are seconds unless `options` say else.
   *
   * @param path - dotted path
   * @param fallback - milliseconds, or null, when the setting is set nowhere
   * @throws ConfigError `CONFIG_VALUE` when the value is no duration
   */
  getDurationMs<F extends number | null>(
    path: string,
    fallback: F,
    options: ParseDurationOptions = {},
  ): number | F {
    return this.#read(path, fallback, (value) =>
      parseDurationMs(asQuantity(value, "a duration"), options),
    );
  }

  /** Reads a number. @throws ConfigError `CONFIG_VALUE` when the value is none */
  getNumber<F extends number | null>(path: string, fallback: F): number | F {
    return this.#read(path, fallback, (value) => {
      if (typeof value === "number") return value;
      throw wrongKind(value, "a number");
    });
  }

  /** Reads true or false. @throws ConfigError `CONFIG_VALUE` when the value is neither */
  getBoolean<F extends boolean | null>(path: string, fallback: F): boolean | F {
    return this.#read(path, fallback, (value) => {
      if (typeof value === "boolean") return value;
      throw wrongKind(value, "true or false");
    });
  }

  /** Reads a text; numbers are taken as written. @throws ConfigError `CONFIG_VALUE` for others */
  getString<F extends string | null>(path: string, fallback: F): string | F {
    return this.#read(path, fallback, (value) => {
      if (typeof value === "string" || typeof value === "number") return String(value);
      throw wrongKind(value, "a text");
    });
  }

  /** A copy with more settings on top; names may be dotted paths. */
  with(overrides: Readonly<Record<string, unknown>>): Config {
    const tree: Tree = new Map();
    mergeInto(tree, this.#tree);
    mergeInto(tree, treeOf(overrides));
    return new Config(tree);
  }

  /** All settings as plain data. */
  toJSON(): Record<string, unknown> {
    return plainValue(this.#tree) as Record<string, unknown>;
  }

  #read<T, F>(path: string, fallback: F, convert: (value: unknown) => T): T | F {
    const node = findPath(this.#tree, path);
    if (node === undefined) return fallback;
    const value = plainValue(node);
    if (value === null && fallback === null) return fallback;
    try {
      return convert(value);
    } catch (cause) {
      if (!(cause instanceof ConfigError)) throw cause;
      const origin = this.origin(path);
      throw new ConfigError(`"${path}": ${cause.message}`, {
        code: "CONFIG_VALUE",
        path,
        ...origin,
        cause,
      });
    }
  }
}

function asQuantity(value: unknown, wanted: string): number | string {
  if (typeof value === "number" || typeof value === "string") return value;
  throw wrongKind(value, wanted);
}

function wrongKind(value: unknown, wanted: string): ConfigError {
  return new ConfigError(`${wanted} is needed here, not ${describeKind(value)}`, {
    code: "CONFIG_VALUE",
  });
}
