// Goal: a worker that dies comes back, one that was asked to go stays away, and a nanny never
// waits for ever. Method: events in, outbox read, time as a number.
import { describe, expect, it } from "vitest";
import type { NannyEvent } from "./events.js";
import { nannyExitCodes } from "./limits.js";
import { type NannyOutbox, newNannyOutbox } from "./outbox.js";
import { type NannyOptions, type NannyState, newNannyState } from "./state.js";
import { step } from "./step.js";

class Bench {
  readonly state: NannyState;
  nowMs = 1_000;

  constructor(options: Partial<NannyOptions> = {}) {
    this.state = newNannyState({ memoryLimitBytes: null, ...options });
  }

  step(...events: NannyEvent[]): NannyOutbox {
    const out = newNannyOutbox();
    step(this.state, events, this.nowMs, out);
    return out;
  }

  wait(ms: number): NannyOutbox {
    this.nowMs += ms;
    return this.step();
  }
}

const crash: NannyEvent = { type: "exited", code: null, signal: "SIGSEGV" };
const started: NannyEvent = { type: "started", pid: 7 };
const registered: NannyEvent = { type: "registered" };

function running(options: Partial<NannyOptions> = {}): Bench {
  const bench = new Bench(options);
  expect(bench.step().start).toEqual({ attempt: 1 });
  bench.step(started, registered);
  return bench;
}

describe("a nanny and its child", () => {
  it("restarts at once at first, then waits longer each time", () => {
    const bench = new Bench();
    bench.step();
    const delays: number[] = [];
    for (let i = 0; i < 6; i++) {
      bench.step(started);
      const out = bench.step(crash);
      delays.push(out.start === null ? (out.wakeAtMs ?? 0) - bench.nowMs : 0);
      if (out.start === null) bench.wait(delays.at(-1)!);
    }
    expect(delays).toEqual([0, 0, 0, 500, 1_000, 2_000]);
  });

  it.each([75, 78])("does not start a worker again that gave up with %d", (code) => {
    const bench = running();
    const out = bench.step({ type: "exited", code, signal: null });
    expect(out.exit).toEqual({ code });
    expect(bench.wait(60_000).start).toBeNull();
  });

  it("restarts a worker that gave up because a request made it go", () => {
    const bench = running();
    bench.step({ type: "request", requestId: 1, request: { op: "restart" } });
    const out = bench.step({ type: "exited", code: 75, signal: null });
    expect(out.start).toEqual({ attempt: 1 });
  });

  it("begins anew once the child was registered", () => {
    const bench = new Bench();
    bench.step();
    for (let i = 0; i < 3; i++) bench.step(started, crash);
    expect(bench.step(started, crash).start).toBeNull();
    bench.wait(500);
    bench.step(started, registered);
    expect(bench.step(crash).start).toEqual({ attempt: 1 });
  });

  it("gives up a child that never registers, and says what to look at", () => {
    const bench = new Bench();
    let out = bench.step();
    for (let i = 0; i < 12; i++) {
      out = bench.step(started, crash);
      if (out.exit === null && out.start === null) bench.wait(30_000);
    }
    expect(out.exit).toEqual({ code: nannyExitCodes.crashLoop });
    expect(out.log.at(-1)?.message).toContain("giving up");
    expect(bench.wait(1_000_000)).toEqual(newNannyOutbox());
  });

  it("leaves with a child that was asked to go", () => {
    const bench = running();
    const out = bench.step({ type: "exited", code: 0, signal: null });
    expect(out.exit).toEqual({ code: nannyExitCodes.asked });
    expect(out.start).toBeNull();
  });

  it("tries again when the process cannot be made", () => {
    const bench = new Bench();
    bench.step();
    const out = bench.step({ type: "start-failed", message: "EAGAIN" });
    expect(out.start).toEqual({ attempt: 2 });
    expect(out.log[0]?.message).toContain("EAGAIN");
  });
});

describe("a nanny and memory", () => {
  it("kills a child over 95 % of its limit without a goodbye, then starts it again", () => {
    const bench = running({ memoryLimitBytes: 1_000 });
    expect(bench.step({ type: "memory", treeBytes: 950 }).signals).toEqual([]);
    const killed = bench.step({ type: "memory", treeBytes: 951 });
    expect(killed.signals).toEqual(["SIGKILL"]);
    expect(killed.log.map(({ message }) => message)).toEqual([
      "The worker uses nearly all of its memory limit and is restarted",
    ]);
    expect(bench.wait(9_999).signals).toEqual([]);
    expect(bench.wait(1).signals).toEqual(["SIGKILL"]);
    const out = bench.step({ type: "exited", code: null, signal: "SIGKILL" });
    expect(out.start).toEqual({ attempt: 1 });
  });

  it("kills the process of one task where that is enough, and the worker where it is not", () => {
    const bench = running({ memoryLimitBytes: 1_000 });
    const tooMuch = { type: "memory", treeBytes: 1_500, largest: { pid: 77, bytes: 900 } } as const;
    const first = bench.step(tooMuch);
    expect(first.killDescendants).toEqual([77]);
    expect(first.signals).toEqual([]);
    expect(bench.step(tooMuch).signals).toEqual(["SIGKILL"]);
  });

  it("kills the worker at once if its largest child is not what takes the memory", () => {
    const bench = running({ memoryLimitBytes: 1_000 });
    const out = bench.step({ type: "memory", treeBytes: 1_500, largest: { pid: 77, bytes: 100 } });
    expect(out.killDescendants).toEqual([]);
    expect(out.signals).toEqual(["SIGKILL"]);
  });

  it("starts the child again although it went with code 0", () => {
    const bench = running({ memoryLimitBytes: 1_000 });
    bench.step({ type: "memory", treeBytes: 2_000 });
    expect(bench.step({ type: "exited", code: 0, signal: null }).start).toEqual({ attempt: 1 });
  });
});

describe("requests to a nanny", () => {
  it("kill ends the child, and a fresh one follows; instantiate waits for it", () => {
    const bench = running();
    const kill = bench.step({ type: "request", requestId: 1, request: { op: "kill", timeout: 3 } });
    expect(kill.signals).toEqual(["SIGTERM"]);
    expect(kill.replies).toEqual([]);
    expect(kill.wakeAtMs).toBe(bench.nowMs + 3_000);
    const gone = bench.step({ type: "exited", code: 0, signal: null });
    expect(gone.replies).toEqual([{ requestId: 1, reply: { status: "OK" } }]);
    expect(gone.start).toEqual({ attempt: 1 });
    const start = bench.step({ type: "request", requestId: 2, request: { op: "instantiate" } });
    expect(start.start).toBeNull();
    expect(bench.step(started, registered).replies).toEqual([{ requestId: 2, reply: "running" }]);
  });

  it("kill just after a crash lets the restart under way go on", () => {
    const bench = running();
    const kill = { type: "request", requestId: 1, request: { op: "kill", timeout: 3 } } as const;
    const out = bench.step(crash, kill);
    expect(out.replies).toEqual([{ requestId: 1, reply: { status: "OK" } }]);
    expect(out.start).toEqual({ attempt: 1 });
  });

  it("restart ends and starts it, and answers when it is registered", () => {
    const bench = running();
    const out = bench.step({ type: "request", requestId: 1, request: { op: "restart" } });
    expect(out.signals).toEqual(["SIGTERM"]);
    expect(bench.wait(10_000).signals).toEqual(["SIGKILL"]);
    expect(bench.step({ type: "exited", code: null, signal: "SIGKILL" }).start).not.toBeNull();
    expect(bench.step(started, registered).replies).toEqual([{ requestId: 1, reply: "OK" }]);
  });

  it("refuses a restart that takes too long", () => {
    const bench = running();
    bench.step({ type: "request", requestId: 1, request: { op: "restart" } }, crash);
    const out = bench.wait(60_000);
    expect(out.replies).toMatchObject([{ requestId: 1, reply: { status: "error" } }]);
  });

  it("terminate ends the nanny too, at once if there is no child", () => {
    const bench = running();
    bench.step({ type: "request", requestId: 1, request: { op: "terminate" } });
    expect(bench.step(crash).exit).toEqual({ code: 0 });
    const idle = new Bench();
    expect(idle.step({ type: "leave", graceMs: 1_000 }).exit).toEqual({ code: 0 });
  });

  it("close_gracefully makes any exit deliberate", () => {
    const bench = running();
    const out = bench.step({ type: "request", requestId: 1, request: { op: "close_gracefully" } });
    expect(out.replies).toEqual([{ requestId: 1, reply: { status: "OK" } }]);
    expect(bench.step(crash).exit).toEqual({ code: 0 });
  });

  it("signals a child that was asked to go before it was there", () => {
    const bench = new Bench();
    bench.step();
    bench.step({ type: "request", requestId: 1, request: { op: "kill" } });
    expect(bench.step(started).signals).toEqual(["SIGTERM"]);
  });
});
