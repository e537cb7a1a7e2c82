// One handler per op of the scheduler: reads answer from the view, changes become events and wait
// for the core, and what moves bytes is passed to its room. No handler writes state.
import type { RpcContext, RpcHandler, RpcReply } from "@acme/comm";
import {
  type ClientId,
  type ExtensionRequest,
  extensionOps,
  type Pickled,
  type Serialized,
  schedulerRequest,
  type TaskKey,
  taskKey,
  WireFormatError,
  type WireMap,
  wireKey,
} from "@acme/protocol";
import { type CoreRequest, view } from "../core/index.js";
import { durationMs } from "./duration.js";
import { broadcast, type ForwardOptions, forward } from "./forward.js";
import { gather } from "./gather.js";
import { operationHandlers } from "./operation-requests.js";
import { giveUpWith, park } from "./park.js";
import { messageOf, PythonNamedError, pythonName } from "./python-errors.js";
import { forPython } from "./python-replies.js";
import { workersThatAnswer } from "./recipients.js";
import { registerClient, registerWorker } from "./register.js";
import type { Handler, Op, Request } from "./request-types.js";
import type { ShellContext } from "./shell-context.js";
import { schedulerVersions } from "./versions.js";

/** All ops that this scheduler answers. */
export function requestHandlers(shell: ShellContext): Map<string, RpcHandler> {
  const { state } = shell;
  const core = (request: CoreRequest, context: RpcContext) => park(shell, request, context);
  const shuffle = (request: CoreRequest, context: RpcContext) =>
    core(request, context).then((reply) => forPython(reply, shell.exceptionOf));
  const table: { [O in Op]: Handler<O> } = {
    ...operationHandlers(shell),
    identity: (r, c) => {
      const where = whereaboutsFor(shell, c);
      const { acme, ...identity } = view.identity(state, where, r.n_workers);
      return c.connection.isAcmePeer ? { ...identity, acme } : identity;
    },
    "register-client": (r, c) => registerClient(shell, r, c),
    "register-worker": (r, c) => registerWorker(shell, r, c),
    register_nanny: (_, c) => shell.nannies.register(c, state.nannyPlugins),
    gather: (r, c) => gatherReply(shell, r, c),
    scatter: (r, c) => scatter(shell, r, c),
    who_has: (r) => view.whoHas(state, r.keys),
    has_what: (r) => view.hasWhat(state, r.workers),
    nbytes: (r) => view.nbytes(state, r.keys, r.summary),
    processing: (r) => view.processing(state, r.workers),
    ncores: (r) => view.ncores(state, r.workers),
    ncores_running: (r) => view.ncoresRunning(state, r.workers, r.lang),
    get_task_status: (r) => view.taskStatus(state, r.keys),
    get_story: (r) => view.getStory(state, r.keys_or_stimuli) as object,
    explain: (r) => view.explain(state, taskKey(r.key)),
    adaptive_target: (r) => adaptiveTarget(shell, r),
    worker_sights: (r) => view.workerSights(state, r.version),
    workers_to_close: (r) => workersToClose(shell, r),
    get_metadata: (r) => getMetadata(shell, r),
    broadcast: (r, c) => broadcastTo(shell, r, c),
    proxy: (r, { signal }) => {
      const { pool } = shell;
      return forward(r.msg, knownAddress(shell, r.worker), { pool, signal });
    },
    versions: (_, c) => {
      if (c.connection.isAcmePeer) return schedulerVersions(null);
      const { host, packages } = schedulerVersions(view.pythonPackages(state));
      return { host, packages };
    },
    terminate: () => terminate(shell),
    heartbeat_worker: core,
    retire_workers: core,
    restart: core,
    restart_workers: core,
    retry: core,
    unregister: core,
    update_data: core,
    add_keys: core,
    set_resources: core,
    set_restrictions: core,
    set_metadata: core,
    shuffle_get: shuffle,
    shuffle_get_or_create: shuffle,
    shuffle_restrict_task: shuffle,
    shuffle_barrier: core,
    ...extensions(core),
  };
  return new Map(Object.entries(table).map(([op, handle]) => [op, typed(handle as Handler<Op>)]));
}

/** What the extensions are asked changes state or waits: all of it is the core's. */
function extensions<H>(core: H): { [O in ExtensionRequest["op"]]: H } {
  return Object.fromEntries(extensionOps.map((op) => [op, core])) as {
    [O in ExtensionRequest["op"]]: H;
  };
}

/** dask's clients take it that there always is a dashboard, and fail to show themselves without. */
function whereaboutsFor(shell: ShellContext, { connection }: RpcContext): view.Whereabouts {
  const where = shell.whereabouts();
  if (connection.isAcmePeer || where.services?.dashboard !== undefined) return where;
  return { ...where, services: { ...where.services, dashboard: 0 } };
}

function typed(handle: Handler<Op>): RpcHandler {
  return (fields: WireMap, context) => {
    const request = schedulerRequest.read(fields);
    if (request.op === null) throw new WireFormatError(`unknown op ${request.name}`);
    return handle(request, context);
  };
}

/** What dask's peers read when they say nothing: values of our own kind have to be converted. */
const daskSerializers = ["dask", "pickle"];

async function gatherReply(
  shell: ShellContext,
  request: Request<"gather">,
  context: RpcContext,
): Promise<RpcReply> {
  const keys = request.keys.map(taskKey);
  const { isAcmePeer } = context.connection;
  const { values, missing } = await gather(keys, {
    ...(isAcmePeer ? {} : { serializers: request.serializers ?? daskSerializers }),
    pool: shell.pool,
    holders: (key) => view.holdersOf(shell.state, key) as never,
    nbytes: (key) => view.bytesOf(shell.state, key),
    onMissing: (address, gone) => shell.post({ type: "missing-data", address, keys: gone }),
    signal: context.signal,
  });
  if (missing.length > 0) return { status: "error", keys: missing.map(wireKey) };
  const data = new Map(keys.map((key) => [wireKey(key), values.get(key)] as const));
  return { status: "OK", data };
}

async function scatter(
  shell: ShellContext,
  request: Request<"scatter">,
  context: RpcContext,
): Promise<RpcReply> {
  const values = new Map<TaskKey, Serialized | Pickled>();
  const sizes = new Map<TaskKey, number>();
  for (const [wire, value] of request.data) {
    values.set(taskKey(wire), value);
    sizes.set(taskKey(wire), value.nbytes);
  }
  // Before anything waits for the answer: it may be no duration at all.
  const timeoutMs = durationMs(request.timeout);
  const requestId = shell.replies.next();
  shell.scattered.hold(requestId, values);
  const answer = shell.replies.wait(requestId);
  shell.post({
    type: "scatter-requested",
    requestId,
    client: request.client as ClientId,
    sizes,
    workers: request.workers,
    broadcast: request.broadcast,
    timeoutMs,
  });
  giveUpWith(shell, requestId, context, () => shell.scattered.drop(requestId));
  return (await answer) as RpcReply;
}

function getMetadata(shell: ShellContext, request: Request<"get_metadata">): RpcReply {
  const value = view.getMetadata(shell.state, request.keys);
  if (value !== undefined) return value as RpcReply;
  // dask's client says so, by the name of an enum, where its user gave no default.
  if (request.default !== "no_default") return (request.default ?? null) as RpcReply;
  const { keys } = request;
  const isMissing = (at: number) =>
    view.getMetadata(shell.state, keys.slice(0, at + 1)) === undefined;
  throw new PythonNamedError("KeyError", String(keys.find((_, at) => isMissing(at))));
}

function adaptiveTarget(shell: ShellContext, request: Request<"adaptive_target">): RpcReply {
  const { target_duration, key, nthreads } = request;
  const targetDurationMs = durationMs(target_duration);
  return view.adaptiveTarget(shell.state, { targetDurationMs, key, nthreads });
}

function workersToClose(shell: ShellContext, request: Request<"workers_to_close">): RpcReply {
  const { memory_ratio: memoryRatio, n, target, minimum, key, attribute = "address" } = request;
  if (key instanceof Uint8Array) throw new PythonNamedError("TypeError", view.pickledKey);
  const closing = view.workersToClose(shell.state, { memoryRatio, n, target, minimum, key });
  return closing.map((worker) => worker[attribute]);
}

function broadcastTo(
  shell: ShellContext,
  { msg, workers, hosts, nanny, on_error = "raise" }: Request<"broadcast">,
  { signal }: RpcContext,
): Promise<RpcReply> {
  const { pool, pickles } = shell;
  const op = msg instanceof Map ? String(msg.get("op")) : "";
  let onError: ForwardOptions["onError"] = messageOf;
  if (on_error === "raise" || on_error === "ignore") onError = on_error;
  else if (on_error === "return_pickle" && pickles !== undefined) {
    onError = (error) => pickles.exception(pythonName(error), messageOf(error));
  }
  const recipients = workersThatAnswer(shell, op, { workers, hosts, nanny });
  return broadcast(msg, recipients, { pool, signal, onError });
}

/** Only to its own workers and their nannies: a scheduler is no way into other networks. */
function knownAddress(shell: ShellContext, name: string): string {
  const { workers } = shell.state;
  const [worker] = view.named(shell.state, [name]);
  if (worker !== undefined) return worker.address;
  for (const { nanny } of workers.values()) if (nanny === name) return nanny;
  throw new WireFormatError(`no worker or nanny is registered as ${JSON.stringify(name)}`);
}

function terminate(shell: ShellContext): RpcReply {
  setImmediate(() => shell.stop("a peer asked the scheduler to terminate"));
  return "OK";
}
