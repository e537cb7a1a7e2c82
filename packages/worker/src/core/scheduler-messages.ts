// The scheduler's stream, op by op: which room each message is for.
// Decides nothing itself. Corresponds to the stream handlers of dask's Worker.
import { assertNever, type SchedulerToWorker, workerAddress } from "@acme/protocol";
import { forgetTemplate, learnTemplate } from "./computation.js";
import { cancelCompute, computeTask, freeKeys } from "./compute-task.js";
import type { Core } from "./context.js";
import { forgetPeer } from "./holders.js";
import { leaveNow, statusOrdered } from "./leaving.js";
import { acquireReplicas, refreshWhoHas, removeReplicas } from "./replicas.js";
import { stealRequested } from "./steal.js";

export function schedulerMessage(core: Core, message: SchedulerToWorker): void {
  if (core.state.status === "closed") return;
  if ("stimulus_id" in message) core.cause = message.stimulus_id;
  switch (message.op) {
    case "compute-task":
      computeTask(core, message);
      return;
    case "free-keys":
      freeKeys(core, message.keys);
      return;
    case "cancel-compute":
      cancelCompute(core, message.key, message.abort === true);
      return;
    case "steal-request":
      stealRequested(core, message.key, message.stimulus_id);
      return;
    case "acquire-replicas":
      acquireReplicas(core, message.who_has, message.nbytes);
      return;
    case "remove-replicas":
      removeReplicas(core, message.keys);
      return;
    case "refresh-who-has":
      refreshWhoHas(core, message.who_has);
      return;
    case "remove-worker":
      forgetPeer(core, workerAddress(message.worker));
      return;
    case "worker-status-change":
      statusOrdered(core, message.status);
      return;
    case "task-template":
      learnTemplate(core, message.id, message.name, message.body);
      return;
    case "forget-template":
      forgetTemplate(core, message.id);
      return;
    case "close":
      leaveNow(core, `The scheduler closed this worker: ${message.reason ?? "no reason"}`);
      return;
    // P2P shuffles are between Python workers.
    case "shuffle-fail":
    case "close-stream":
      // The shell sees the stream end and says `disconnected`.
      return;
    default:
      assertNever(message);
  }
}
