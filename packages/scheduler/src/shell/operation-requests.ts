// The ops by which people look after a cluster: reads from the view, questions to all workers, and
// what only Python could do, refused by name. Changes become events; nothing is decided here.
import type { RpcContext, RpcReply } from "@acme/comm";
import { taskKey } from "@acme/protocol";
import { view } from "../core/index.js";
import { benchmarkHardware } from "./benchmark-hardware.js";
import { clusterState } from "./cluster-state.js";
import { writeDump } from "./dump-file.js";
import { durationMs } from "./duration.js";
import { feed } from "./feed.js";
import { broadcast } from "./forward.js";
import { park } from "./park.js";
import { addPlugin, addSchedulerPlugin, dropPlugin, dropSchedulerPlugin } from "./plugins.js";
import { mergeProfiles, noProfile } from "./profile-tree.js";
import { NeedsPythonError, PythonNamedError } from "./python-errors.js";
import { pythonWorkers, workersThatAnswer } from "./recipients.js";
import type { Handler, Request } from "./request-types.js";
import type { ShellContext } from "./shell-context.js";

export function operationHandlers(shell: ShellContext) {
  const { state } = shell;
  const core = (request: Parameters<typeof park>[1], context: RpcContext) =>
    park(shell, request, context);
  return {
    replicate: core,
    rebalance: core,
    amm_handler: core,
    log_event: core,
    get_task_stream_index: core,
    register_worker_plugin: (r, c) => addPlugin(shell, r, c),
    unregister_worker_plugin: (r, c) => dropPlugin(shell, r, c),
    register_nanny_plugin: (r, c) => addPlugin(shell, r, c),
    unregister_nanny_plugin: (r, c) => dropPlugin(shell, r, c),
    register_scheduler_plugin: (r) => addSchedulerPlugin(shell, r),
    unregister_scheduler_plugin: (r) => dropSchedulerPlugin(shell, r.name),
    run_function: () => {
      throw new NeedsPythonError(
        "run_on_scheduler (and performance_report, which calls it)",
        "run the function on the workers with client.run, or read what you need with " +
          "client.scheduler_info, who_has, processing or get_events",
      );
    },
    performance_report: () => {
      throw new NeedsPythonError(
        "performance_report",
        "use get_task_stream(plot='save') and client.profile(filename=...), which draw in your own " +
          "process, or the page of the scheduler's dashboard",
      );
    },
    dump_cluster_state_to_url: (r, c) => writeDump(shell, r, c.signal),
    get_runspec: (r) => runSpec(shell, r),
    get_error_cause: (r) => view.errorCause(state, r.keys),
    feed: (r, c) => feed(shell, r, c),
    call_stack: (r, c) => callStack(shell, r, c),
    profile: (r, c) => profile(shell, r, c),
    get_logs: (r) => logLines(view.notices(state, r.n)),
    logs: (r) => logLines(view.notices(state, r.n)),
    worker_logs: (r, c) => workerLogs(shell, r, c),
    events: (r) => (r.topic === undefined ? view.allEvents(state) : view.events(state, r.topic)),
    get_task_stream: (r, c) => taskStream(shell, r, c),
    get_task_prefix_states: () => view.taskPrefixStates(state),
    subscribe_worker_status: (_, c) => shell.workerWatch.subscribe(c.connection),
    get_cluster_state: (r, c) => clusterState(shell, r.exclude ?? [], c.signal),
    benchmark_hardware: (_, c) => benchmarkHardware(shell, c.signal),
    memory_sampler_start: core,
    memory_sampler_stop: core,
    check_idle: () => view.idleSince(state),
    echo: (r) => (r.data ?? null) as RpcReply,
    dump_state: (r) => view.dump(state, shell.whereabouts(), r.exclude ?? []),
  } satisfies Operations;
}

type OperationName =
  | "replicate"
  | "rebalance"
  | "amm_handler"
  | "log_event"
  | "get_task_stream_index"
  | "register_worker_plugin"
  | "unregister_worker_plugin"
  | "register_nanny_plugin"
  | "unregister_nanny_plugin"
  | "register_scheduler_plugin"
  | "unregister_scheduler_plugin"
  | "run_function"
  | "performance_report"
  | "dump_cluster_state_to_url"
  | "feed"
  | "call_stack"
  | "profile"
  | "get_logs"
  | "logs"
  | "worker_logs"
  | "events"
  | "get_task_stream"
  | "get_task_prefix_states"
  | "subscribe_worker_status"
  | "get_cluster_state"
  | "benchmark_hardware"
  | "get_runspec"
  | "get_error_cause"
  | "memory_sampler_start"
  | "memory_sampler_stop"
  | "check_idle"
  | "echo"
  | "dump_state";

type Operations = { [O in OperationName]: Handler<O> };

/** For a client that runs a task in its own process. */
function runSpec({ state }: ShellContext, { key }: Request<"get_runspec">): RpcReply {
  const spec = view.runSpec(state, taskKey(key));
  if (spec === null) throw new PythonNamedError("KeyError", String(key));
  return spec;
}

/** dask's [level, line]. */
function logLines(notices: ReturnType<typeof view.notices>): [string, string][] {
  return notices.map(({ atMs, level, text }) => {
    const name = level === "warn" ? "WARNING" : level.toUpperCase();
    const time = new Date(atMs).toISOString().replace("T", " ").replace(".", ",").slice(0, 23);
    return [name, `${time} - acme.scheduler - ${name} - ${text}`];
  });
}

/** What runs now, of all workers or of those that run something of these keys. */
async function callStack(
  shell: ShellContext,
  { keys }: Request<"call_stack">,
  { signal }: RpcContext,
): Promise<RpcReply> {
  const { pool } = shell;
  const asked =
    keys === undefined
      ? new Map(pythonWorkers(shell).map((address) => [address, null] as const))
      : view.runningOf(shell.state, keys);
  const answers = await Promise.all(
    [...asked].map(async ([address, ofWorker]) => {
      const request = { op: "call_stack", keys: ofWorker };
      const one = new Map([[address, address]]);
      return [...(await broadcast(request, one, { pool, signal, onError: "ignore" }))];
    }),
  );
  return new Map(answers.flat().filter(([, stack]) => stack instanceof Map && stack.size > 0));
}

async function profile(
  shell: ShellContext,
  request: Request<"profile">,
  { signal }: RpcContext,
): Promise<RpcReply> {
  // Of this process Python's profiler knows nothing.
  if (request.scheduler === true) return noProfile();
  const { start = null, stop = null, key = null, server = false } = request;
  const chosen = request.workers === undefined ? null : new Set(request.workers);
  const addresses = pythonWorkers(shell).filter((one) => chosen?.has(one) !== false);
  const profiles = await broadcast(
    { op: "profile", start, stop, key, server },
    new Map(addresses.map((address) => [address, address])),
    { pool: shell.pool, signal, onError: "ignore" },
  );
  return request.merge_workers === false ? profiles : mergeProfiles([...profiles.values()]);
}

function workerLogs(
  shell: ShellContext,
  { n, workers, nanny }: Request<"worker_logs">,
  { signal }: RpcContext,
): Promise<RpcReply> {
  const request = { op: "get_logs", n: n ?? null };
  const recipients = workersThatAnswer(shell, request.op, { workers, nanny });
  return broadcast(request, recipients, { pool: shell.pool, signal, onError: "raise" });
}

/** From the first question on, what ends is recorded. */
async function taskStream(
  shell: ShellContext,
  { start, stop, count, start_index: startIndex }: Request<"get_task_stream">,
  context: RpcContext,
): Promise<RpcReply> {
  await park(shell, { op: "get_task_stream_index" }, context);
  const { nowMs } = shell.state;
  const moment = (at: number | string | undefined) =>
    typeof at === "string" ? (nowMs - (durationMs(at) ?? 0)) / 1000 : at;
  const query = { startS: moment(start), stopS: moment(stop), count, startIndex };
  return view.taskStream(shell.state, query);
}
