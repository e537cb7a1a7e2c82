// Collects garbage when memory runs short, in whichever thread this runs. V8 does not feel the
// weight of shared buffers: what was dropped long ago would look used until the worker pauses or
// is restarted for it. Corresponds to dask's ThrottledGC.
import { totalmem } from "node:os";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { execLimits } from "./limits.js";

/** Watches how many bytes come and go, and collects garbage when the process is large. */
export class GarbageWatch {
  readonly #limitBytes: number;
  readonly #limits = execLimits;
  #movedBytes = 0;
  #notBeforeMs = 0;

  /** @param limitBytes - memory limit of the process; undefined: that of the machine */
  constructor(limitBytes: number | undefined) {
    this.#limitBytes = limitBytes ?? totalmem();
  }

  /**
   * Shared buffers of this size came, or have no more use here.
   *
   * @returns whether it is time to look at real memory; garbage is then collected
   */
  moved(bytes: number): boolean {
    this.#movedBytes += bytes;
    if (this.#movedBytes < this.#limitBytes * this.#limits.collectEveryFraction) return false;
    this.#movedBytes = 0;
    const tightBytes = this.#limitBytes * this.#limits.collectAboveFraction;
    if (process.memoryUsage.rss() <= tightBytes) return false;
    this.collect();
    return true;
  }

  /** Collects at once, unless that took much of the time lately. */
  collect(): void {
    const startedMs = performance.now();
    if (startedMs < this.#notBeforeMs) return;
    exposedCollector()();
    const tookMs = performance.now() - startedMs;
    this.#notBeforeMs = startedMs + tookMs / this.#limits.collectShare;
  }
}

let collector: (() => void) | undefined;

function exposedCollector(): () => void {
  if (collector === undefined) {
    setFlagsFromString("--expose-gc");
    collector = runInNewContext("gc") as () => void;
  }
  return collector;
}
