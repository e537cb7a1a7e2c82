// What can be wrong with the credentials of a cluster; `code` is what programs look at, the message
// tells people what to do.
import { AcmeError } from "@acme/protocol";

/** There is no such cluster directory, or something in it is missing. */
export class ClusterNotFoundError extends AcmeError {
  readonly code = "CLUSTER_NOT_FOUND";
  readonly folder: string;

  constructor(folder: string, why: string, cause?: unknown) {
    super(`${why}. Clusters are made by acme-scheduler --name NAME`, { cause });
    this.folder = folder;
  }
}

/** Others could read or change the credentials, so they are not used. */
export class LooseCredentialsError extends AcmeError {
  readonly code = "CREDENTIALS_LOOSE";
  readonly path: string;

  constructor(path: string, why: string) {
    super(why);
    this.path = path;
  }
}

/** The credentials cannot be used: expired, not valid yet, or not belonging together. */
export class CredentialsError extends AcmeError {
  readonly code = "CREDENTIALS_UNUSABLE";
  readonly folder: string;

  constructor(folder: string, why: string, cause?: unknown) {
    super(why, { cause });
    this.folder = folder;
  }
}

/** The name of a cluster makes no sense, or belongs to a scheduler that runs. */
export class ClusterNameError extends AcmeError {
  readonly code = "CLUSTER_NAME";
}

/** A contact file is missing, or is none, or cannot be written. */
export class ContactFileError extends AcmeError {
  readonly code = "CONTACT_FILE";
  readonly path: string;

  constructor(path: string, why: string, cause?: unknown) {
    super(why, { cause });
    this.path = path;
  }
}

/** A scheduler that speaks TLS, and nothing to show it. */
export class NoCredentialsError extends AcmeError {
  readonly code = "NO_CREDENTIALS";
  readonly address: string;

  constructor(address: string, clustersFolder: string) {
    super(
      `There are no credentials for ${address}: no scheduler of yours has announced itself under ` +
        `it in ${clustersFolder}. Name its cluster or its contact file, or give certificates. ` +
        "Of a scheduler on another machine, copy the directory of its cluster",
    );
    this.address = address;
  }
}
