// What a worker says of itself: when it registers, and to whoever asks. Reads, sends nothing.
// Corresponds to _register_with_scheduler and identity of dask's worker.py.
import { acmeProtocol } from "@acme/protocol";
import { view, type WorkerState } from "../core/index.js";
import { workerVersions } from "./versions.js";
import type { WorkerServerOptions } from "./worker-options.js";

export interface Self {
  readonly options: WorkerServerOptions;
  readonly serverId: string;
  readonly address: string;
  readonly workFolder: string;
}

/** The `register-worker` request as of now. */
export function registrationOf({ options, ...self }: Self, state: WorkerState): object {
  const { name, nthreads, resources, memoryLimitBytes, nanny } = options;
  const nowS = Date.now() / 1000;
  const { held, running } = view.registration(state);
  return {
    op: "register-worker",
    reply: false,
    address: self.address,
    status: "init",
    nthreads,
    name,
    now: nowS,
    resources,
    memory_limit: memoryLimitBytes,
    local_directory: self.workFolder,
    services: {},
    nanny,
    pid: process.pid,
    versions: workerVersions(),
    metrics: view.metrics(state),
    extra: { lang: "js", acme: acmeProtocol },
    stimulus_id: `worker-connect-${nowS}`,
    server_id: self.serverId,
    held,
    running,
  };
}

export function identityOf({ options, serverId, address }: Self): object {
  const { scheduler, nthreads, memoryLimitBytes } = options;
  return {
    type: "Worker",
    id: serverId,
    address,
    scheduler,
    nthreads,
    memory_limit: memoryLimitBytes,
  };
}
