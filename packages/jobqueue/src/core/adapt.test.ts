// A cluster that follows its work: when it grows, when it shrinks, what it does while the queue is
// slow, and that nothing that somebody holds is lost.
import { describe, expect, it } from "vitest";
import type { JobRef } from "../drivers/driver.js";
import { type AdaptRules, adaptDefaults } from "./adapt-rules.js";
import { Bench, idle, running } from "./fixtures/bench.js";
import type { ReconcileOutbox } from "./outbox.js";
import { slotName } from "./slot.js";
import type { ReconcileOptions } from "./state.js";

function adapting(rules: Partial<AdaptRules> = {}, options: Partial<ReconcileOptions> = {}) {
  const bench = new Bench(options);
  const out = bench.do({ type: "adapt", rules: { ...adaptDefaults, ...rules } });
  expect(out.wish).toBe(adaptDefaults.targetDurationMs);
  return bench;
}

/** One answer of the scheduler, and a second until the next one. */
function wish(bench: Bench, workers: number | null): ReconcileOutbox {
  const out = bench.do({ type: "wished", workers });
  bench.nowMs += 1_000;
  out.submit.push(...bench.do().submit);
  return out;
}

/** Jobs that run with all their workers, all wished for, long ago. */
function settled(jobs: number, rules: Partial<AdaptRules> = {}, processes = 1) {
  const bench = adapting(rules, { processes });
  const refs = bench.submit(wish(bench, jobs * processes));
  bench.runs(refs);
  bench.nowMs += 60_000;
  bench.see();
  return { bench, refs };
}

const addresses = (bench: Bench, ref: JobRef): string[] =>
  (bench.workers.get(slotName(ref)) ?? []).map(({ address }) => address);

describe("growing", () => {
  it("submits at once what is wished for, within the bounds", () => {
    const bench = adapting({ minimumJobs: 1, maximumJobs: 4 });
    expect(wish(bench, 0).submit).toEqual([{ submission: 0, count: 1 }]);
    const out = wish(bench, 100);
    expect(out.submit).toEqual([{ submission: 1, count: 3 }]);
    expect(out.news).toEqual([{ type: "scale", cause: "adapt", jobs: 4, before: 1 }]);
    expect(wish(bench, 100).submit).toEqual([]);
  });

  it("counts workers of a job together", () => {
    const bench = adapting({}, { processes: 4 });
    expect(wish(bench, 9).submit).toEqual([{ submission: 0, count: 3 }]);
  });

  it("asks again, also when the scheduler did not answer", () => {
    const bench = adapting();
    const out = bench.do({ type: "wished", workers: null });
    expect(out.wakeAtMs).toBe(bench.nowMs + adaptDefaults.intervalMs);
    bench.nowMs += adaptDefaults.intervalMs;
    expect(bench.do().wish).toBe(adaptDefaults.targetDurationMs);
    expect(bench.do().wish).toBeNull();
  });

  it("submits no more while others wait for long, and goes on when they run", () => {
    const bench = adapting({ patienceMs: 30_000 });
    const refs = bench.submit(wish(bench, 2));
    expect(bench.submit(wish(bench, 3))).toHaveLength(1);
    bench.nowMs += 31_000;
    bench.poll();
    expect(wish(bench, 10).submit).toEqual([]);
    bench.runs(refs);
    bench.state.slots.forEach((slot) => {
      if (slot.phase === "queued") bench.runs([slot.ref as JobRef]);
    });
    expect(wish(bench, 10).submit).toEqual([{ submission: 2, count: 7 }]);
  });
});

describe("shrinking", () => {
  it("waits until fewer were wished for several times in a row, and takes the most of these", () => {
    const { bench } = settled(4);
    wish(bench, 4);
    expect(wish(bench, 1).whoGoes).toBeNull();
    expect(wish(bench, 2).whoGoes).toBeNull();
    expect(wish(bench, 1).whoGoes).toBe(2);
    // One question at a time.
    expect(wish(bench, 1).whoGoes).toBeNull();
  });

  it("is not so soon after growing", () => {
    const { bench, refs } = settled(2, { cooldownMs: 10_000 });
    bench.runs([...refs, ...bench.submit(wish(bench, 4))]);
    for (let i = 0; i < 8; i++) expect(wish(bench, 0).whoGoes).toBeNull();
    for (let i = 0; i < 2; i++) wish(bench, 0);
    expect(bench.state.adapting?.asksWhoGoes).toBe(true);
  });

  it("lets whole jobs go, the least missed first, and asks for no replacement", () => {
    const { bench, refs } = settled(3, {}, 2);
    for (let i = 0; i < 3; i++) wish(bench, 2);
    const [a, b, c] = refs.map((ref) => addresses(bench, ref)) as [string[], string[], string[]];
    // Of the second job only one worker may go.
    const out = bench.do({ type: "who-goes", workers: [...c, b[0] as string, ...a] });
    expect(out.retire.map(({ workers }) => workers)).toEqual([c, a]);
    expect(out.cancel).toEqual([]);
    expect(out.submit).toEqual([]);
    expect(out.news).toEqual([{ type: "scale", cause: "adapt", jobs: 1, before: 3 }]);
    expect(bench.phases()).toEqual(["draining", "up", "draining"]);
  });

  it("keeps a job whose workers cannot leave, and does not cancel it ever", () => {
    const { bench, refs } = settled(2);
    for (let i = 0; i < 3; i++) wish(bench, 0);
    const all = refs.flatMap((ref) => addresses(bench, ref));
    const { retire } = bench.do({ type: "who-goes", workers: all });
    expect(retire).toHaveLength(2);
    const [first, second] = retire.map(({ slot }) => slot) as [number, number];
    expect(bench.do({ type: "retired", slot: first, ok: false }).cancel).toEqual([]);
    expect(bench.phases()).toEqual(["up", "draining"]);
    expect(bench.state.wantedJobs).toBe(1);
    // The other one has not said anything for long: it is asked again.
    const late = bench.wait(bench.state.limits.drainMs + 1);
    expect(late.cancel).toEqual([]);
    expect(late.retire.map(({ slot }) => slot)).toEqual([second]);
    // Only what has left is cancelled if it stays in the queue.
    bench.do({ type: "retired", slot: second, ok: true });
    bench.workers.delete(slotName(refs[1] as JobRef));
    bench.see();
    expect(bench.wait(bench.state.limits.exitMs + 1).cancel).toEqual([refs[1]]);
  });

  it("goes on with a job that is wished for again before anybody was asked to go", () => {
    const { bench, refs } = settled(2);
    for (let i = 0; i < 3; i++) wish(bench, 0);
    wish(bench, 2);
    const workers = refs.flatMap((ref) => addresses(bench, ref));
    expect(bench.do({ type: "who-goes", workers }).retire).toEqual([]);
  });

  it("leaves in the queue what waits there until it was not wished for long enough", () => {
    const bench = adapting({ patienceMs: 5_000, minimumJobs: 1 });
    bench.runs(bench.submit(wish(bench, 1)));
    const waiting = bench.submit(wish(bench, 4));
    for (let i = 0; i < 4; i++) expect(wish(bench, i).cancel).toEqual([]);
    // It may yet be needed.
    expect(wish(bench, 4).cancel).toEqual([]);
    for (let i = 0; i < 5; i++) expect(wish(bench, 2).cancel).toEqual([]);
    const out = wish(bench, 2);
    expect(out.cancel).toEqual([waiting[2], waiting[1]]);
    expect(out.submit).toEqual([]);
  });
});

describe("the end of it", () => {
  it("is a scale()", () => {
    const { bench } = settled(2);
    bench.do({ type: "scale", requestId: 1, jobs: 2 });
    bench.nowMs += 60_000;
    expect(bench.do().wish).toBeNull();
    expect(bench.do({ type: "wished", workers: 9 }).submit).toEqual([]);
  });

  it("is when nobody wants it any more; what is there stays", () => {
    const { bench } = settled(2);
    bench.do({ type: "adapt", rules: null });
    expect(bench.wait(60_000).wish).toBeNull();
    expect(bench.phases()).toEqual(["up", "up"]);
  });

  it("is when the cluster ends, without a look at the work ever after", () => {
    const { bench, refs } = settled(1);
    for (let i = 0; i < 3; i++) wish(bench, 0);
    bench.do({ type: "close", requestId: 1, drain: true });
    const workers = refs.flatMap((ref) => addresses(bench, ref));
    expect(bench.do({ type: "who-goes", workers }).retire).toEqual([]);
    expect(bench.do({ type: "wished", workers: 9 }).submit).toEqual([]);
    for (let i = 0; i < 5; i++) {
      const out = bench.wait(1_500);
      expect(out.wish).toBeNull();
      expect(out.wakeAtMs).toBeGreaterThan(bench.nowMs);
    }
  });

  it("is not a farewell that was thought better of", () => {
    const { bench } = settled(1);
    bench.do({ type: "detach", requestId: 1 });
    expect(bench.do({ type: "wished", workers: 9 }).news).toEqual([]);
    bench.do({ type: "request-gone", requestId: 1 });
    expect(bench.wait(1_500).wish).toBe(adaptDefaults.targetDurationMs);
  });

  it("is a request that can never be met: told once, and nothing is submitted again", () => {
    const bench = adapting();
    const refs = bench.submit(wish(bench, 2));
    bench.do({ type: "wait", requestId: 7, workers: 1, timeoutMs: null });
    for (const ref of refs) bench.say(ref, { reason: "PartitionConfig", isHopeless: true });
    const out = bench.poll();
    expect(out.cancel).toEqual(refs);
    const message = expect.stringContaining("the queue says PartitionConfig");
    expect(out.news.filter(({ type }) => type === "error")).toEqual([
      { type: "error", code: "NEVER_RUNS", message },
    ]);
    expect(out.replies).toMatchObject([{ requestId: 7, code: "WORKERS_NOT_STARTED", message }]);
    for (let i = 0; i < 5; i++) expect(wish(bench, 2).submit).toEqual([]);
    const rules = { ...adaptDefaults };
    bench.do({ type: "adapt", rules });
    expect(wish(bench, 2).submit).toHaveLength(1);
  });

  it("is when every job fails", () => {
    const bench = adapting();
    for (let i = 0; i < 40; i++) {
      for (const ref of bench.submit(wish(bench, 1))) {
        bench.say(ref, { state: "ended", outcome: "failed", word: "FAILED", exitCode: 1 });
      }
      bench.submit(bench.poll());
    }
    expect(bench.state.isBroken).toBe(true);
    expect(bench.state.nextSubmission).toBeLessThanOrEqual(bench.state.limits.failures);
  });
});

it("hands over what is left of a job that has lost some of its workers", () => {
  const { bench, refs } = running(1, { processes: 2 });
  const [ref] = refs as [JobRef];
  bench.workers.set(slotName(ref), [idle("tls://rest", 1e6)]);
  const [gone] = bench.see().news;
  expect(gone).toMatchObject({ type: "worker", change: "removed", job: slotName(ref) });
  const out = bench.wait(bench.state.limits.silentMs + 1);
  expect(out.cancel).toEqual([]);
  expect(out.retire).toEqual([{ slot: 0, workers: ["tls://rest"] }]);
  expect(out.submit).toEqual([{ submission: 1, count: 1 }]);
});

it("tells of workers that come and go", () => {
  const bench = new Bench();
  const refs = bench.submit(bench.do({ type: "scale", requestId: 1, jobs: 1 }));
  const [ref] = refs as [JobRef];
  const job = slotName(ref);
  const [added] = bench.runs(refs).news;
  expect(added).toEqual({ type: "worker", change: "added", job, address: `tls://${job}` });
  bench.say(ref, { state: "ended", outcome: "cancelled", word: "CANCELLED" });
  const [removed] = bench.poll().news;
  expect(removed).toEqual({ type: "worker", change: "removed", job, address: `tls://${job}` });
});
