// What can be wrong with the folder of a run that is to be gone on with, or that it runs in. Each
// says what to do next; whether it is so is found out elsewhere.
import { AcmeError } from "@acme/protocol";

/** The arguments of a map are not those of the run that its folder holds. */
export class InputsChangedError extends AcmeError {
  readonly code = "INPUTS_CHANGED";
  readonly path: string;
  /** The first call whose arguments differ; undefined when it is not about one call. */
  readonly index: number | undefined;

  constructor(path: string, what: string, index?: number) {
    super(
      `${path} holds results for other inputs: ${what}. Give the same inputs to go on with that ` +
        "run, or another outputDir for a new one.",
    );
    this.path = path;
    this.index = index;
  }
}

/** The function of a map is not the one that made the results in its folder. */
export class CodeChangedError extends AcmeError {
  readonly code = "CODE_CHANGED";
  readonly path: string;

  constructor(path: string, name: string, done: number) {
    super(
      `${path} holds ${done} results of another version of ${name}. Give \`resume: { acceptNewCode: ` +
        "true }` to keep them and compute the rest with this version (each result keeps the hash " +
        "of the code that made it), or another outputDir to compute all anew.",
    );
    this.path = path;
  }
}

/** Another process is working on the run. */
export class RunInUseError extends AcmeError {
  readonly code = "RUN_IN_USE";
  readonly path: string;
  readonly host: string;
  readonly pid: number;

  constructor(path: string, owner: { host: string; pid: number; started: string }) {
    super(
      `${path} is being computed by process ${owner.pid} on ${owner.host} since ${owner.started}: ` +
        "wait for it to end, or stop it, and run this again.",
    );
    this.path = path;
    this.host = owner.host;
    this.pid = owner.pid;
  }
}

/** The folder of a run is gone, full, or in other hands while the run goes on. */
export class RunFolderLostError extends AcmeError {
  readonly code = "RUN_FOLDER_LOST";
  readonly path: string;

  constructor(path: string, why: string, cause?: unknown) {
    super(`The folder of the run, ${path}, cannot be used any more: ${why}`, { cause });
    this.path = path;
  }
}

/** A folder that holds no run, or one that cannot be restored. */
export class NoRunError extends AcmeError {
  readonly code = "NO_RUN";
  readonly path: string;

  constructor(path: string, why: string, cause?: unknown) {
    super(`${path}: ${why}`, { cause });
    this.path = path;
  }
}

/** A worker does not see the folder that results are to be written to. */
export class FolderNotSharedError extends AcmeError {
  readonly code = "FOLDER_NOT_SHARED";
  readonly path: string;
  readonly hosts: readonly string[];

  constructor(path: string, hosts: readonly string[], why: string) {
    super(
      `workers on ${hosts.join(", ")} cannot write results to ${path} (${why}): give an outputDir ` +
        'on a file system that all nodes share, such as your home folder, or `output: "memory"`.',
    );
    this.path = path;
    this.hosts = hosts;
  }
}
