// What a worker says of itself: when it registers, and to whoever asks. Reads, sends nothing.
// Corresponds to _register_with_scheduler and identity of dask's worker.py.
import { acmeProtocol } from "@acme/protocol";
import { view, type WorkerState } from "../core/index.js";
import type { SchedulerKind } from "./scheduler-link.js";
import { workerVersions } from "./versions.js";
import type { WorkerServerOptions } from "./worker-options.js";

export interface Self {
  readonly options: WorkerServerOptions;
  readonly serverId: string;
  readonly address: string;
  readonly workFolder: string;
}

/** What dask's schedulers, which know no languages, tell a worker for JavaScript by. */
const language = "LANG-js";

/** What this worker has of each named resource: those of its command, and its language. */
export function resourcesOf({ resources, nthreads }: WorkerServerOptions): Map<string, number> {
  return new Map([[language, nthreads], ...Object.entries(resources)]);
}

/** The `register-worker` request as of now. */
export function registrationOf(
  { options, ...self }: Self,
  state: WorkerState,
  { isAcme, packages }: SchedulerKind,
): object {
  const { name, nthreads, memoryLimitBytes, nanny } = options;
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
    resources: resourcesOf(options),
    memory_limit: memoryLimitBytes,
    local_directory: self.workFolder,
    services: {},
    nanny,
    pid: process.pid,
    versions: workerVersions(packages),
    metrics: view.metrics(state),
    extra: { lang: "js", ...(isAcme ? { acme: acmeProtocol } : {}) },
    stimulus_id: `worker-connect-${nowS}`,
    server_id: self.serverId,
    ...(isAcme ? { held, running } : {}),
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
