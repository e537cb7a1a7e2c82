// Public API of this package; nothing else is reachable from outside.

export { type Access, accessByAddress, accessByFile, accessByName } from "./access.js";
export { type Certificates, makeCertificates, type Validity } from "./certificates.js";
export { type ClaimOptions, claimClusterDirectory, type JobLife } from "./claim-name.js";
export {
  type ClusterDirectory,
  type ClusterFiles,
  type CreateOptions,
  createClusterDirectory,
  openClusterDirectory,
} from "./cluster-directory.js";
export {
  type Contact,
  type ContactSource,
  parseContact,
  readContactFile,
  removeContactFile,
  writeContactFile,
} from "./contact-file.js";
export { type CertificateFiles, daskEnvironment } from "./dask-environment.js";
export {
  ClusterNameError,
  ClusterNotFoundError,
  ContactFileError,
  CredentialsError,
  LooseCredentialsError,
  NoCredentialsError,
} from "./errors.js";
export { findClusterByAddress, listClusters } from "./find-cluster.js";
export { createPassingCluster, type PassingCluster } from "./passing-cluster.js";
export { checkClusterName, clustersFolder, defaultClusterName } from "./places.js";
export { makePrivateFolder, writePrivateFile } from "./private-files.js";
