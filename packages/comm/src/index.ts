// Public API of this package; nothing else is reachable from outside.
export { type Address, formatAddress, parseAddress, type Scheme } from "./address.js";
export { connect } from "./connect.js";
export { errorReply, rpcErrorOf } from "./error-reply.js";
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
  TlsError,
  TlsRequiredError,
} from "./errors.js";
export { InterfaceError, interfaceAddress } from "./interface-address.js";
export { type Logger, lazyLogger } from "./lazy-logger.js";
export { type CommLimits, commLimits } from "./limits.js";
export { listen } from "./listen.js";
export { addressTowards } from "./local-address.js";
export { limitRate, type RateOptions } from "./log-rate.js";
export { ParkedReplies, type ParkedReply, RequestRefusedError } from "./parked-replies.js";
export { RpcPool, type RpcPoolOptions, type RpcRequest } from "./rpc-pool.js";
export { type ServeEnd, serve } from "./rpc-server.js";
export type {
  CallOptions,
  RpcContext,
  RpcHandler,
  RpcHandlers,
  RpcReply,
  ServeOptions,
} from "./rpc-types.js";
export { plaintextWarning } from "./security.js";
export { readSecurity, type SecurityFiles, SecurityFilesError } from "./security-files.js";
export { Stream, type StreamOptions } from "./stream.js";
export { terminalLines } from "./terminal-lines.js";
export { TurnLoop, type TurnLoopOptions, type Wakeable } from "./turn-loop.js";
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
