// The reconcile loop's core with a batch system and a scheduler that say what a test wants them to.
// Decides nothing; used by tests alone.
import type { JobRef, JobStatus } from "../drivers/driver.js";
import type { ReconcileEvent } from "./events.js";
import { newOutbox, type ReconcileOutbox } from "./outbox.js";
import { slotName, type WorkerSight } from "./slot.js";
import { newState, type ReconcileOptions, type ReconcileState } from "./state.js";
import { step } from "./step.js";
import { jobs } from "./view.js";

export const idle = (address: string, storedBytes = 0): WorkerSight => ({
  address,
  status: "running",
  occupancyS: 0,
  storedBytes,
});

/** Time stands still until it is told to go on. */
export class Bench {
  readonly state: ReconcileState;
  nowMs = 1_000_000;
  array = 10;
  readonly statuses = new Map<string, JobStatus>();
  readonly workers = new Map<string, WorkerSight[]>();

  constructor(options: Partial<ReconcileOptions> = {}) {
    this.state = newState({ processes: 1, ...options });
  }

  do(...events: ReconcileEvent[]): ReconcileOutbox {
    const out = newOutbox();
    step(this.state, events, this.nowMs, out);
    return out;
  }

  wait(ms: number): ReconcileOutbox {
    this.nowMs += ms;
    return this.do();
  }

  /** Submits what is asked for, as sbatch does. */
  submit(out: ReconcileOutbox): JobRef[] {
    return out.submit.flatMap(({ submission, count }) => {
      this.array += 1;
      const refs = Array.from({ length: count }, (_, index) => ({ jobId: `${this.array}`, index }));
      for (const ref of refs) this.say(ref, { state: "pending", word: "PENDING" });
      this.do({ type: "submitted", submission, refs });
      return refs;
    });
  }

  say(ref: JobRef, said: Partial<JobStatus>): void {
    const before = this.statuses.get(slotName(ref));
    this.statuses.set(slotName(ref), {
      ref,
      state: "pending",
      outcome: null,
      word: "PENDING",
      reason: "",
      isHopeless: false,
      exitCode: null,
      signal: null,
      nodes: "",
      startMs: null,
      endMs: null,
      restarts: 0,
      comment: "",
      ...before,
      ...said,
    });
  }

  poll(): ReconcileOutbox {
    return this.do({
      type: "polled",
      askedMs: this.nowMs,
      statuses: [...this.statuses.values()],
    });
  }

  runs(refs: readonly JobRef[], bytes = 0): ReconcileOutbox {
    const each = Array.from({ length: this.state.processes }, (_, i) => i);
    for (const ref of refs) {
      this.say(ref, { state: "running", word: "RUNNING" });
      const name = slotName(ref);
      const address = (i: number) => `tls://${name}${this.state.processes > 1 ? `-${i}` : ""}`;
      this.workers.set(
        name,
        each.map((i) => idle(address(i), bytes)),
      );
    }
    this.poll();
    return this.see();
  }

  see(): ReconcileOutbox {
    return this.do({ type: "workers", bySlot: new Map(this.workers) });
  }

  phases(): string[] {
    return jobs(this.state).now.map(({ phase }) => phase);
  }
}

/** So many jobs of one array, with their workers. */
export function running(count: number, options: Partial<ReconcileOptions> = {}) {
  const bench = new Bench(options);
  const refs = bench.submit(bench.do({ type: "scale", requestId: 1, jobs: count }));
  bench.nowMs += 2_000;
  bench.runs(refs);
  return { bench, refs };
}
