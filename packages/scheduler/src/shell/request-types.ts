// What a handler of one op takes and gives, for the rooms that hold some of the ops each.
// Only types.
import type { RpcContext, RpcReply } from "@acme/comm";
import type { SchedulerRequest } from "@acme/protocol";

export type Op = SchedulerRequest["op"];
export type Request<O extends Op> = Extract<SchedulerRequest, { op: O }>;
export type Handler<O extends Op> = (
  request: Request<O>,
  context: RpcContext,
) => RpcReply | Promise<RpcReply>;
