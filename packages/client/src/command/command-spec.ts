// A command as it travels, and one call of it, filled in.
// Plain data, which neither starts nor reads anything.
import type { ProgramPlace } from "./command-errors.js";
import type { CommandOutput } from "./command-output.js";
import type { Template } from "./template.js";

/** What a command is made of. */
export interface CommandSpec {
  readonly program: Template;
  readonly args: readonly Template[];
  readonly output: CommandOutput;
  readonly exitCodes: readonly number[];
  readonly timeLimitMs: number | null;
  readonly env: readonly (readonly [name: string, value: Template])[];
  readonly cwd: Template | null;
  readonly defaultCwd: string;
  readonly stdin: Template | null;
  readonly log: Template | null;
}

/** One call, filled in. */
export interface ProgramCall extends ProgramPlace {
  readonly spec: CommandSpec;
  readonly env: Readonly<Record<string, string>>;
  readonly stdin: string | undefined;
  readonly log: string | undefined;
}
