// The one error of this package. It has the shape of every acme error (a literal `code`, structured
// fields, the shared brand) without knowing the package that defines the base class, because
// configuration depends on nothing of ours.

const brand: unique symbol = Symbol.for("acme.error") as never;

/**
 * - `CONFIG_UNREADABLE`: a file named by `DASK_CONFIG` or `ACME_CONFIG` is absent or cannot be read
 * - `CONFIG_SYNTAX`: a file is not YAML or JSON
 * - `CONFIG_NOT_A_MAP`: a file, or a level of it, holds something else than names and values
 * - `CONFIG_MISSING`: a setting without a default is set nowhere
 * - `CONFIG_VALUE`: a value is not what the setting needs, or a text is not a size or a duration
 */
export type ConfigErrorCode =
  | "CONFIG_UNREADABLE"
  | "CONFIG_SYNTAX"
  | "CONFIG_NOT_A_MAP"
  | "CONFIG_MISSING"
  | "CONFIG_VALUE";

/** Where a value came from: a file and line, or the name of an environment variable. */
export interface Origin {
  /** File the value stands in; absent for environment variables and for values given in code. */
  file?: string | undefined;
  /** Line in that file, counted from 1. */
  line?: number | undefined;
  /** Environment variable the value came from. */
  variable?: string | undefined;
}

export interface ConfigErrorOptions extends Origin {
  code: ConfigErrorCode;
  /** Dotted path of the setting, such as `"distributed.worker.memory.target"`. */
  path?: string | undefined;
  cause?: unknown;
}

/** A configuration file, variable or value cannot be used; the message says where it stands. */
export class ConfigError extends Error {
  readonly code: ConfigErrorCode;
  readonly path: string | undefined;
  readonly file: string | undefined;
  readonly line: number | undefined;
  readonly variable: string | undefined;

  constructor(message: string, options: ConfigErrorOptions) {
    const place = describeOrigin(options);
    super(
      place === undefined ? message : `${message} (${place})`,
      "cause" in options ? { cause: options.cause } : undefined,
    );
    this.name = "ConfigError";
    this.code = options.code;
    this.path = options.path;
    this.file = options.file;
    this.line = options.line;
    this.variable = options.variable;
  }

  /** True on every acme error, whichever package made it. */
  get [brand](): true {
    return true;
  }
}

function describeOrigin({ file, line, variable }: Origin): string | undefined {
  if (variable !== undefined) return `environment variable ${variable}`;
  if (file === undefined) return undefined;
  return line === undefined ? file : `${file}:${line}`;
}
