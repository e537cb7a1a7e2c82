// Plugins of Python's workers and nannies: the core remembers them, this room gives them to those
// that are there. Plugins of the scheduler itself would be Python in here and are refused, but for
// the one by which a client uploads a file.
import type { RpcContext, RpcReply } from "@acme/comm";
import { broadcast } from "./forward.js";
import { park } from "./park.js";
import { NeedsPythonError, PythonNamedError } from "./python-errors.js";
import { pythonWorkers } from "./recipients.js";
import type { Request } from "./request-types.js";
import type { ShellContext } from "./shell-context.js";

type Adding = Request<"register_worker_plugin" | "register_nanny_plugin">;
type Dropping = Request<"unregister_worker_plugin" | "unregister_nanny_plugin">;

/** → {worker: reply}; empty if one of that name was there and may stay. */
export async function addPlugin(
  shell: ShellContext,
  request: Adding,
  context: RpcContext,
): Promise<RpcReply> {
  const change = await park(shell, request, context);
  if (change !== "added") return new Map();
  const { name, plugin } = request;
  if (request.op === "register_worker_plugin") {
    return tell(shell, { op: "plugin-add", plugin, name }, context);
  }
  // One that was told of the plugins before this one came must be there to hear of it.
  await shell.nannies.allStarted(context.signal);
  return tell(shell, { op: "plugin_add", plugin, name }, context, true);
}

export async function dropPlugin(
  shell: ShellContext,
  request: Dropping,
  context: RpcContext,
): Promise<RpcReply> {
  await park(shell, request, context);
  const { name } = request;
  return request.op === "unregister_worker_plugin"
    ? tell(shell, { op: "plugin-remove", name }, context)
    : tell(shell, { op: "plugin_remove", name }, context, true);
}

function tell(
  shell: ShellContext,
  message: { op: string; name: string; plugin?: Uint8Array },
  { signal }: RpcContext,
  nannies = false,
): Promise<RpcReply> {
  const { workers } = shell.state;
  const recipients = new Map<string, string>();
  for (const address of pythonWorkers(shell)) {
    const nanny = workers.get(address as never)?.nanny ?? null;
    if (!nannies) recipients.set(address, address);
    else if (nanny !== null) recipients.set(address, nanny);
  }
  return broadcast(message, recipients, { pool: shell.pool, signal, onError: "raise" });
}

/** A file is kept for those who unfold graphs, since these may name what is in it. */
export function addSchedulerPlugin(
  { pickles, uploads }: ShellContext,
  { plugin, name }: Request<"register_scheduler_plugin">,
): RpcReply {
  const file = pickles?.uploadedFile(plugin) ?? null;
  if (file === null) {
    throw new NeedsPythonError(
      `the scheduler plugin ${name}`,
      "do the work in a WorkerPlugin or a NannyPlugin, or follow events with client.subscribe_topic",
    );
  }
  uploads.add(name, file);
  return null;
}

export function dropSchedulerPlugin({ uploads }: ShellContext, name: string): RpcReply {
  if (uploads.drop(name)) return null;
  const message = `Could not find plugin '${name}' among the current scheduler plugins`;
  throw new PythonNamedError("ValueError", message);
}
