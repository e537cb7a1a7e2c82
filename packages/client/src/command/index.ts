// What users of programs as tasks get; handed on by the package's own index.
export { type CommandFunction, type CommandOptions, command } from "./command.js";
export {
  CommandFailedError,
  CommandInputError,
  CommandOutputError,
  CommandStartError,
  CommandTimeoutError,
} from "./command-errors.js";
export { programLimits } from "./command-limits.js";
export type { CommandOutput, CommandValues } from "./command-output.js";
