// All that everybody knows, for a file that people read when something went wrong. The scheduler's
// part is the view's; workers are asked for theirs. Corresponds to get_cluster_state of dask's Scheduler.
import type { RpcReply } from "@acme/comm";
import { view } from "../core/index.js";
import { broadcast } from "./forward.js";
import { messageOf } from "./python-errors.js";
import { pythonWorkers, workersThatAnswer } from "./recipients.js";
import type { ShellContext } from "./shell-context.js";
import { schedulerVersions } from "./versions.js";

export async function clusterState(
  shell: ShellContext,
  exclude: readonly string[],
  signal: AbortSignal,
): Promise<RpcReply> {
  const { pool } = shell;
  const python = new Map(pythonWorkers(shell).map((address) => [address, address]));
  const state = { op: "dump_state", exclude: [...exclude] };
  const versions = { op: "versions" };
  const [workers, workerVersions] = await Promise.all([
    broadcast(state, python, { pool, signal, onError: messageOf }),
    broadcast(versions, workersThatAnswer(shell, "versions", {}), {
      pool,
      signal,
      onError: "ignore",
    }),
  ]);
  return {
    scheduler: view.dump(shell.state, shell.whereabouts(), exclude),
    workers,
    versions: {
      scheduler: schedulerVersions(view.pythonPackages(shell.state)),
      workers: workerVersions,
    },
  };
}
