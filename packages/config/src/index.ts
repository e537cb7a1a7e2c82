// Public API of this package: settings from files and the environment, and the units they are
// written in. Nothing else is reachable from outside.

export { Config } from "./config.js";
export {
  ConfigError,
  type ConfigErrorCode,
  type ConfigErrorOptions,
  type Origin,
} from "./errors.js";
export { type LoadConfigOptions, loadConfig } from "./load.js";
export {
  formatBytes,
  formatDuration,
  type ParseBytesOptions,
  type ParseDurationOptions,
  parseBytes,
  parseDurationMs,
} from "./units.js";
