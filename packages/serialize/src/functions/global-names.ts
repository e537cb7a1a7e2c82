// The fixed list of global names that every worker has by itself.
// Fixed on purpose: whatever else hangs on globalThis was put there by the user's program.

const language = `Infinity NaN undefined globalThis eval isFinite isNaN parseFloat parseInt decodeURI
decodeURIComponent encodeURI encodeURIComponent escape unescape AggregateError Array ArrayBuffer
AsyncDisposableStack AsyncIterator BigInt BigInt64Array BigUint64Array Boolean DataView Date
DisposableStack Error EvalError FinalizationRegistry Float16Array Float32Array Float64Array Function
Int16Array Int32Array Int8Array Iterator Map Number Object Promise Proxy RangeError ReferenceError
RegExp Set SharedArrayBuffer String SuppressedError Symbol SyntaxError Temporal TypeError URIError
Uint16Array Uint32Array Uint8Array Uint8ClampedArray WeakMap WeakRef WeakSet Atomics Intl JSON Math
Reflect WebAssembly`;

const node = `global process Buffer console queueMicrotask structuredClone atob btoa setTimeout
setInterval setImmediate clearTimeout clearInterval clearImmediate fetch crypto performance navigator
localStorage sessionStorage Storage AbortController AbortSignal Blob BroadcastChannel ByteLengthQueuingStrategy
CloseEvent CompressionStream CountQueuingStrategy Crypto CryptoKey CustomEvent DecompressionStream
DOMException ErrorEvent Event EventSource EventTarget File FormData Headers MessageChannel MessageEvent
MessagePort Navigator Performance PerformanceEntry PerformanceMark PerformanceMeasure
PerformanceObserver PerformanceObserverEntryList PerformanceResourceTiming QuotaExceededError
ReadableByteStreamController ReadableStream ReadableStreamBYOBReader ReadableStreamBYOBRequest
ReadableStreamDefaultController ReadableStreamDefaultReader Request Response SubtleCrypto TextDecoder
TextDecoderStream TextEncoder TextEncoderStream TransformStream TransformStreamDefaultController URL
URLPattern URLSearchParams WebSocket WritableStream WritableStreamDefaultController
WritableStreamDefaultWriter`;

/** Names a function may use without anything being shipped for them. */
export const globalNames: ReadonlySet<string> = new Set(`${language} ${node}`.split(/\s+/));

/** Names that the module wrapper of CommonJS provides, and that the worker provides again. */
export const moduleNames: ReadonlySet<string> = new Set([
  "require",
  "module",
  "exports",
  "__filename",
  "__dirname",
]);
