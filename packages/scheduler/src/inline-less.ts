// Tells V8 to copy fewer functions into those that it optimizes: docs/decisions/0015. For a process
// that is a scheduler and nothing else, since the setting holds for all code of a process; must not
// be loaded by anything that users import.
import { setFlagsFromString } from "node:v8";

/** Bytes of bytecode that one optimized function may take in from others; V8's default is 920. */
const inlinedBytes = 150;

/** Works for code that is compiled from now on, in all threads. */
export function inlineLess(): void {
  setFlagsFromString(`--max-inlined-bytecode-size-cumulative=${inlinedBytes}`);
}
