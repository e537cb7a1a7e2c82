// The reconcile loop against a batch system that is told what to say: growth, shrinking, deaths,
// silence, time limits, hopeless requests, the end.
import { describe, expect, it } from "vitest";
import type { JobRef } from "../drivers/driver.js";
import { Bench, idle, running } from "./fixtures/bench.js";
import { slotName } from "./slot.js";

describe("growing", () => {
  it("asks for one array and answers when it is submitted", () => {
    const bench = new Bench();
    const out = bench.do({ type: "scale", requestId: 1, jobs: 8 });
    expect(out.submit).toEqual([{ submission: 0, count: 8 }]);
    expect(out.replies).toEqual([]);
    const refs = Array.from({ length: 8 }, (_, index) => ({ jobId: "7", index }));
    const done = bench.do({ type: "submitted", submission: 0, refs });
    expect(done.replies).toEqual([{ requestId: 1, type: "done" }]);
    expect(done.submit).toEqual([]);
  });

  it("refuses with what the batch system said, and does not try again", () => {
    const bench = new Bench();
    bench.do({ type: "scale", requestId: 1, jobs: 8 });
    const out = bench.do({
      type: "submit-failed",
      submission: 0,
      transient: false,
      message: "invalid partition",
    });
    expect(out.replies).toMatchObject([{ code: "SUBMIT_FAILED", message: "invalid partition" }]);
    expect(bench.wait(600_000).submit).toEqual([]);
    expect(bench.do({ type: "scale", requestId: 2, jobs: 1 }).submit).toHaveLength(1);
  });

  it("tries again when the controller was busy", () => {
    const bench = new Bench();
    bench.do({ type: "scale", requestId: 1, jobs: 2 });
    const failed = {
      type: "submit-failed",
      submission: 0,
      transient: true,
      message: "busy",
    } as const;
    const out = bench.do(failed);
    expect(out.replies).toEqual([]);
    expect(bench.wait((out.wakeAtMs as number) - bench.nowMs).submit).toEqual([
      { submission: 1, count: 2 },
    ]);
  });
});

describe("shrinking", () => {
  it("takes what waits first, then drains who holds least, and cancels nobody who left", () => {
    const { bench, refs } = running(3);
    const [big, small] = refs as [JobRef, JobRef, JobRef];
    bench.workers.set(slotName(big), [idle("tls://big", 1e9)]);
    bench.see();
    const more = bench.submit(bench.do({ type: "scale", requestId: 2, jobs: 5 }));
    const out = bench.do({ type: "scale", requestId: 3, jobs: 1 });
    expect(out.cancel).toEqual([...more].reverse());
    expect(out.retire).toHaveLength(2);
    expect(out.retire.flatMap(({ workers }) => workers)).not.toContain("tls://big");
    for (const { slot } of out.retire) bench.do({ type: "retired", slot, ok: true });
    for (const ref of [small, refs[2] as JobRef, ...more]) {
      bench.say(ref, { state: "ended", outcome: "completed", word: "COMPLETED" });
    }
    const after = bench.poll();
    expect(after.cancel).toEqual([]);
    expect(after.submit).toEqual([]);
    expect(bench.phases()).toEqual(["up"]);
  });

  it("cancels a job whose workers left but that stays", () => {
    const { bench } = running(2);
    const [retire] = bench.do({ type: "scale", requestId: 2, jobs: 1 }).retire;
    bench.do({ type: "retired", slot: retire?.slot as number, ok: true });
    expect(bench.wait(9_000).cancel).toEqual([]);
    expect(bench.wait(2_000).cancel).toHaveLength(1);
  });

  it("cancels, once it has a name, what was given up while it was submitted", () => {
    const bench = new Bench();
    bench.do({ type: "scale", requestId: 1, jobs: 1 });
    bench.do({ type: "scale", requestId: 2, jobs: 0 });
    const refs = [{ jobId: "7", index: 0 }];
    expect(bench.do({ type: "submitted", submission: 0, refs }).cancel).toEqual(refs);
  });
});

describe("what goes wrong", () => {
  it("replaces a job that somebody killed", () => {
    const { bench, refs } = running(2);
    bench.say(refs[0] as JobRef, { state: "ended", outcome: "cancelled", word: "CANCELLED" });
    const out = bench.poll();
    expect(out.submit).toEqual([]);
    expect(bench.wait(2_000).submit).toEqual([{ submission: 1, count: 1 }]);
  });

  it("replaces a lost node's job at once", () => {
    const { bench, refs } = running(2);
    bench.say(refs[0] as JobRef, { state: "ended", outcome: "node-failed", word: "NODE_FAIL" });
    expect(bench.poll().submit).toEqual([{ submission: 1, count: 1 }]);
  });

  it("replaces a job as soon as it is ending, and still counts its end as a failure", () => {
    const { bench, refs } = running(2);
    bench.say(refs[0] as JobRef, { state: "ending", word: "COMPLETING", endMs: bench.nowMs });
    const out = bench.poll();
    expect(out.submit).toEqual([{ submission: 1, count: 1 }]);
    expect(out.retire).toEqual([]);
    bench.submit(out);
    bench.say(refs[0] as JobRef, { state: "ended", outcome: "failed", word: "FAILED" });
    expect(bench.poll().submit).toEqual([]);
    expect(bench.state.failures).toHaveLength(1);
  });

  it("takes the replacement back when the ending job was only started again", () => {
    const { bench, refs } = running(2);
    bench.say(refs[0] as JobRef, { state: "ending", word: "COMPLETING" });
    const more = bench.submit(bench.poll());
    bench.say(refs[0] as JobRef, { state: "pending", word: "PENDING", reason: "BeginTime" });
    expect(bench.poll().cancel).toEqual(more);
  });

  it("lets a job keep its name that the batch system starts again", () => {
    const { bench, refs } = running(2, { requeues: true });
    const [first] = refs as [JobRef, JobRef];
    bench.workers.delete(slotName(first));
    bench.see();
    bench.say(first, { state: "ending", word: "COMPLETING" });
    expect(bench.poll().submit).toEqual([]);
    bench.say(first, { state: "pending", word: "PENDING", reason: "BeginTime" });
    bench.poll();
    const out = bench.wait(120_000);
    expect([out.submit, out.cancel]).toEqual([[], []]);
    bench.runs([first]);
    expect(bench.phases()).toEqual(["up", "up"]);
  });

  it("leaves a preempted job its workers when the batch system starts it again", () => {
    for (const requeues of [true, false]) {
      const { bench, refs } = running(2, { requeues });
      const [first] = refs as [JobRef, JobRef];
      bench.say(first, { startMs: bench.nowMs - 600_000, endMs: null });
      bench.poll();
      bench.say(first, { endMs: bench.nowMs + 5_000 });
      const out = bench.poll();
      expect([out.submit.length, out.retire.length]).toEqual(requeues ? [0, 0] : [1, 1]);
    }
  });

  it("asks the queue at once when workers are away", () => {
    const { bench, refs } = running(2);
    const steady = bench.poll();
    expect((steady.wakeAtMs as number) - bench.nowMs).toBe(30_000);
    bench.workers.delete(slotName(refs[0] as JobRef));
    bench.see();
    expect(bench.wait(1_000).poll).toBe(true);
  });

  it("replaces a job that has fallen silent although it runs for the batch system", () => {
    const { bench, refs } = running(2);
    bench.workers.delete(slotName(refs[0] as JobRef));
    bench.see();
    expect(bench.wait(9_000).submit).toEqual([]);
    const out = bench.wait(1_500);
    expect(out.cancel).toEqual([refs[0]]);
    expect(out.submit).toEqual([{ submission: 1, count: 1 }]);
  });

  it("gives up a job whose workers never come, and asks what it said", () => {
    const bench = new Bench();
    const refs = bench.submit(bench.do({ type: "scale", requestId: 1, jobs: 1 }));
    bench.say(refs[0] as JobRef, { state: "running", word: "RUNNING" });
    bench.poll();
    const out = bench.wait(121_000);
    expect(out.cancel).toEqual(refs);
    expect(out.tail).toMatchObject([{ ref: refs[0] }]);
  });

  it("says in one line how many jobs ended in the same way", () => {
    const { bench, refs } = running(6);
    for (const ref of refs) bench.say(ref, { state: "ended", outcome: "failed", word: "FAILED" });
    const texts = bench.poll().log.map(({ text }) => text);
    const names = refs.slice(0, 3).map(slotName).join(", ");
    expect(texts[0]).toBe(`6 jobs ended: failed (${names} and 3 more)`);
    expect(texts.filter((text) => text.startsWith("job "))).toEqual([]);
  });

  it("stops submitting when jobs fail one after another, and tells who waits", () => {
    const bench = new Bench();
    let out = bench.do({ type: "scale", requestId: 1, jobs: 1 });
    bench.do({ type: "wait", requestId: 9, workers: 1, timeoutMs: null });
    for (let i = 0; i < 4; i++) {
      const [ref] = bench.submit(out);
      bench.say(ref as JobRef, { state: "ended", outcome: "failed", word: "FAILED", exitCode: 7 });
      out = bench.poll();
      if (i < 3) out = bench.wait((out.wakeAtMs as number) - bench.nowMs);
    }
    // Not before it is known what the job itself said.
    expect(out.replies).toEqual([]);
    for (const slot of [...bench.state.tails]) {
      out = bench.do({ type: "log-tail", slot, text: "no such file" });
    }
    expect(out.replies).toMatchObject([{ requestId: 9, code: "WORKERS_NOT_STARTED" }]);
    expect(JSON.stringify(out.replies)).toContain("no such file");
    expect(JSON.stringify(out.replies)).toContain("exit code 7");
    expect(bench.wait(600_000).submit).toEqual([]);
  });

  it("believes a busy controller only after a while that it knows nothing of a new job", () => {
    const bench = new Bench();
    bench.submit(bench.do({ type: "scale", requestId: 1, jobs: 1 }));
    bench.statuses.clear();
    bench.nowMs += 5_000;
    bench.poll();
    expect(bench.phases()).toEqual(["queued"]);
    bench.nowMs += 20_000;
    bench.poll();
    expect(bench.phases()).toEqual([]);
  });

  it("keeps everything while the controller does not answer, and asks ever more seldom", () => {
    const { bench } = running(2);
    const pauses: number[] = [];
    for (let i = 0; i < 6; i++) {
      if (i === 0) bench.poll();
      pauses[i] = (bench.do().wakeAtMs as number) - bench.nowMs;
      expect(bench.wait(pauses[i] as number).poll).toBe(true);
      bench.do({ type: "poll-failed", message: "Socket timed out" });
    }
    expect(pauses.slice(1)).toEqual([5_000, 10_000, 20_000, 40_000, 60_000]);
    expect(bench.phases()).toEqual(["up", "up"]);
  });
});

describe("requests that can never run", () => {
  it("are told to who waits, in the queue's words", () => {
    const bench = new Bench();
    const refs = bench.submit(bench.do({ type: "scale", requestId: 1, jobs: 2 }));
    bench.do({ type: "wait", requestId: 2, workers: 2, timeoutMs: 60_000 });
    for (const ref of refs) bench.say(ref, { reason: "PartitionConfig", isHopeless: true });
    const out = bench.poll();
    expect(out.replies).toMatchObject([{ requestId: 2, code: "WORKERS_NOT_STARTED" }]);
    expect(JSON.stringify(out.replies)).toContain("PartitionConfig");
  });
});

describe("time limits", () => {
  it("asks for another job first, then lets the old one leave", () => {
    const { bench, refs } = running(1);
    const startMs = bench.nowMs;
    bench.say(refs[0] as JobRef, { startMs, endMs: startMs + 3_600_000 });
    bench.poll();
    expect(bench.wait(3_600_000 - 121_000).submit).toEqual([]);
    const out = bench.wait(2_000);
    expect(out.submit).toHaveLength(1);
    expect(out.retire).toEqual([]);
    bench.runs(bench.submit(out));
    expect(bench.wait(70_000).retire).toHaveLength(1);
  });
});

describe("the end", () => {
  it("cancels what waits and what runs by one command, and is over when the queue is empty", () => {
    const { bench, refs } = running(2);
    const more = bench.submit(bench.do({ type: "scale", requestId: 2, jobs: 4 }));
    const out = bench.do({ type: "close", requestId: 3, drain: false });
    expect(out.cancel).toEqual([...refs, ...more]);
    expect(out.finished).toBe(false);
    bench.statuses.clear();
    bench.nowMs += 1_000;
    const end = bench.poll();
    expect(end.finished).toBe(true);
    expect(end.replies).toEqual([{ requestId: 3, type: "done" }]);
  });
});
