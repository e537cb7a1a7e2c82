// Public API of this package; nothing else is reachable from outside.
export {
  AddressError,
  ConnectError,
  ConnectionClosedError,
  HandshakeError,
  ListenError,
  type RemoteFailure,
  RpcAbortedError,
  RpcError,
  RpcTimeoutError,
  TlsRequiredError,
} from "./errors.js";
export { type CommLimits, commLimits } from "./limits.js";
export type {
  CallOptions,
  RpcContext,
  RpcHandler,
  RpcHandlers,
  RpcReply,
  ServeOptions,
} from "./rpc-types.js";
export type {
  Allocate,
  CloseInfo,
  CommLogEntry,
  CommOptions,
  Connection,
  ConnectionCounters,
  ConnectOptions,
  Listener,
  ListenOptions,
  OnLog,
  Security,
} from "./types.js";
