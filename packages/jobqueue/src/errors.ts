// What can go wrong between us and a batch system. Each error carries what the user needs to see:
// the command, what it printed, the script.
import { AcmeError } from "@acme/protocol";

/** An option of a job makes no sense; `option` is its path. */
export class JobOptionError extends AcmeError {
  readonly code = "JOB_OPTION";
  readonly option: string;

  constructor(option: string, why: string, cause?: unknown) {
    super(`${option}: ${why}`, { cause });
    this.option = option;
  }
}

/** What a command of the batch system printed is not understood. */
export class BatchOutputError extends AcmeError {
  readonly code = "BATCH_OUTPUT";
  readonly command: string;
  readonly output: string;

  constructor(command: string, output: string, why: string) {
    const shown = output.trim() === "" ? "nothing" : JSON.stringify(output.slice(0, 500));
    super(`${command} printed what is not understood (${why}): ${shown}`);
    this.command = command;
    this.output = output;
  }
}
