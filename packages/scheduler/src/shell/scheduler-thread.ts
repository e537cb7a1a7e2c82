// Entry of the thread that hosts a scheduler: starts it with the options of its maker and says
// where it listens. The only room that talks to the parent thread.

import { parentPort, workerData } from "node:worker_threads";
import { schedulerPickles } from "@acme/python";
import { pythonGraphs } from "../python/python-graphs.js";
import { type SchedulerServerOptions, startScheduler } from "./scheduler-server.js";

/** What the thread tells its host. */
export type FromSchedulerThread =
  | {
      type: "listening";
      id: string;
      address: string;
      addresses: readonly string[];
      httpPort: number | null;
      httpToken: string;
    }
  | { type: "start-failed"; error: Error }
  | { type: "ended"; reason: string; failed: boolean };

/** What the host tells the thread. */
export type ToSchedulerThread = { type: "close"; reason: string };

const tell = (message: FromSchedulerThread): void => parentPort?.postMessage(message);

async function main(options: SchedulerServerOptions): Promise<void> {
  try {
    const server = await startScheduler(options, {
      foreignGraphs: (parts) => pythonGraphs(parts, options.python),
      pickles: schedulerPickles,
    });
    const { id, address, addresses, httpPort, httpToken } = server;
    parentPort?.on("message", ({ reason }: ToSchedulerThread) => void server.close(reason));
    tell({ type: "listening", id, address, addresses, httpPort, httpToken });
    const end = await server.ended;
    tell({ type: "ended", reason: end.reason, failed: end.error !== undefined });
  } catch (error) {
    tell({ type: "start-failed", error: error as Error });
  }
  parentPort?.close();
}

void main(workerData as SchedulerServerOptions);
