// What tasks can do to their executor: hang, exhaust it, end it, crash it, fail behind its back.
// Real threads and processes; the slot must be back each time and every order end exactly once.
import { execFileSync } from "node:child_process";
import {
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { item } from "@acme/serialize";
import { afterAll, afterEach, expect, it } from "vitest";
import { endsForMemory } from "./child-executor.js";
import { Room } from "./fixtures/room.js";

let room: Room;
afterEach(() => room.close());

const folder = mkdtempSync(join(tmpdir(), "acme-exec-"));
const marker = join(folder, "started");
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => rmSync(marker, { force: true }));

const spin = (path: string) => {
  writeFileSync(path, "");
  for (;;);
};
const same = (x: number) => x;
const sleep = async (ms: number) => {
  await new Promise((resolve) => setTimeout(resolve, ms));
  return ms;
};

/** The slot takes orders again and its executor works. */
async function expectAlive(readyCount: number): Promise<void> {
  await room.until(() => room.count("executor-ready") >= readyCount);
  const template = await room.teach(same);
  expect(await room.value(await room.run(template, [5]))).toBe(5);
}

/** The task that leaves the marker runs. */
async function started(): Promise<void> {
  while (!existsSync(marker)) await sleep(5);
  rmSync(marker);
}

it("ends a thread stuck in a loop within 2 s and gives back what waited behind it", async () => {
  room = await Room.open({ nthreads: 1 });
  const stuck = await room.run(await room.teach(spin), [marker]);
  const behind = await room.runRows(await room.teach(same), [[1], [2]], [{}]);
  await started();
  const startMs = Date.now();
  room.executors.apply([{ type: "cancel", orderId: stuck }]);
  expect((await room.outcome(stuck)).type).toBe("aborted");
  for (const orderId of behind) expect((await room.outcome(orderId)).type).toBe("returned");
  expect(room.count("executor-lost")).toBe(1);
  await expectAlive(2);
  expect(Date.now() - startMs).toBeLessThan(2_000);
});

it("aborts a task that listens to its signal before the grace is over", async () => {
  room = await Room.open({ nthreads: 1 });
  const listening = await room.teach(async () => {
    const { signal } = Reflect.get(globalThis, Symbol.for("acme.task"));
    await new Promise((_, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason));
      console.log("listening");
    });
  }, []);
  const polling = await room.teach((path: string) => {
    writeFileSync(path, "");
    const task = Reflect.get(globalThis, Symbol.for("acme.task"));
    while (!task.isCancelled);
    return "stopped";
  });
  for (const [template, executor] of [
    [listening, "thread"],
    [polling, "thread"],
    [listening, "process"],
  ] as const) {
    const orderId = await room.run(template, [marker], { executor });
    if (template === polling) await started();
    else while (!room.output.includes("listening")) await sleep(5);
    room.output = "";
    const startMs = Date.now();
    room.executors.apply([{ type: "cancel", orderId }]);
    expect((await room.outcome(orderId)).type).toBe("aborted");
    expect(Date.now() - startMs).toBeLessThan(400);
  }
  expect(room.count("executor-lost")).toBe(0);
  await expectAlive(1);
});

it("kills a child process that does not stop, and an order that waits is aborted at once", async () => {
  room = await Room.open({ nthreads: 1 });
  const template = await room.teach(spin);
  const first = await room.run(template, [marker], { executor: "process" });
  const second = await room.run(template, [marker], { executor: "process" });
  await started();
  room.executors.apply([{ type: "cancel", orderId: second }]);
  expect(room.outcomes.get(second)?.type).toBe("aborted");
  room.executors.apply([{ type: "cancel", orderId: first }]);
  expect((await room.outcome(first)).type).toBe("aborted");
  await expectAlive(1);
  const again = await room.run(await room.teach(same), [8], { executor: "process" });
  expect(await room.value(again)).toBe(8);
});

it("tells that a thread ran out of heap memory, and keeps what ended before", async () => {
  room = await Room.open({ nthreads: 1, memoryLimitBytes: 64 * 2 ** 20 });
  const before = await room.teach(same);
  const hog = await room.teach(() => {
    const hoard: unknown[] = [];
    for (;;) hoard.push({ a: hoard.length, b: [hoard.length] });
  }, []);
  const [done] = await room.runRows(before, [[1]], [{}]);
  const dead = await room.run(hog);
  const behind = await room.run(before, [2]);
  const failure = await room.failure(dead);
  expect(failure.type).toBe("died");
  expect(failure.exceptionText).toContain("ran out of heap memory of 64 MiB");
  expect(failure.death).toBe("memory");
  expect(failure.error).toMatchObject({ code: "EXECUTOR_DIED" });
  expect((await room.outcome(done as number)).type).toBe("ok");
  expect((await room.outcome(behind)).type).toBe("returned");
  await expectAlive(2);
});

it("survives process.exit, after results that were not yet reported", async () => {
  room = await Room.open({ nthreads: 1 });
  const template = await room.teach((x: number) => {
    if (x === 3) process.exit(7);
    return x;
  });
  const orders = await room.runRows(template, [[1], [2], [3], [4]], [{}]);
  const outcomes = await Promise.all(orders.map((orderId) => room.outcome(orderId)));
  expect(outcomes.map(({ type }) => type)).toEqual(["ok", "ok", "died", "returned"]);
  expect((await room.failure(orders[2] as number)).exceptionText).toContain("exit code 7");
  await expectAlive(2);
});

it("survives signals that kill a child process and names them", async () => {
  room = await Room.open({ nthreads: 1 });
  const template = await room.teach((signal: string) => {
    console.error("native code speaks its last words");
    process.kill(process.pid, signal);
    for (;;);
  });
  for (const signal of ["SIGKILL", "SIGSEGV", "SIGABRT"]) {
    const orderId = await room.run(template, [signal], { executor: "process", isolate: true });
    const failure = await room.failure(orderId);
    expect(failure.type).toBe("died");
    expect(failure.exceptionText).toContain(`was killed by ${signal}`);
    expect(failure.death).toBe(signal === "SIGKILL" ? "killed" : "crashed");
  }
  expect(room.output).toContain("last words");
  expect(room.count("executor-lost")).toBe(0);
  await expectAlive(1);
});

it("tells of a process that is ended for its memory, as whoever ends it says", async () => {
  room = await Room.open({ nthreads: 1 });
  const template = await room.teach((path: string) => {
    writeFileSync(path, String(process.pid));
    for (;;);
  });
  const orderId = await room.run(template, [marker], { executor: "process", isolate: true });
  while (!existsSync(marker) || readFileSync(marker, "utf8") === "") await sleep(5);
  const pid = Number(readFileSync(marker, "utf8"));
  endsForMemory(pid);
  process.kill(pid, "SIGKILL");
  const failure = await room.failure(orderId);
  expect([failure.type, failure.death]).toEqual(["died", "memory"]);
  expect(failure.exceptionText).toContain("took more memory than its worker may have");
});

it("tells that a child process ran out of heap memory", async () => {
  room = await Room.open({ nthreads: 1, memoryLimitBytes: 64 * 2 ** 20 });
  const hog = await room.teach(() => {
    const hoard: unknown[] = [];
    for (;;) hoard.push({ a: hoard.length, b: [hoard.length] });
  }, []);
  const failure = await room.failure(await room.run(hog, [], { executor: "process" }));
  expect(failure.type).toBe("died");
  expect(failure.exceptionText).toContain("ran out of heap memory");
});

it("runs isolated tasks in a process that no other task ever used", async () => {
  room = await Room.open({ nthreads: 1 });
  const template = await room.teach(() => {
    const seen = Reflect.get(globalThis, "seen") ?? 0;
    Reflect.set(globalThis, "seen", seen + 1);
    return [process.pid, seen];
  }, []);
  const pids = new Set<unknown>();
  let isolated = 0;
  for (const isolate of [false, false, true, true]) {
    const orderId = await room.run(template, [], { executor: "process", isolate });
    const [pid, seen] = (await room.value(orderId)) as [number, number];
    pids.add(pid);
    if (isolate) expect(seen).toBe(isolated++);
  }
  expect(pids.size).toBe(2);
  expect(pids.has(process.pid)).toBe(false);
});

it("gives an unhandled rejection to the task that runs, in threads and processes", async () => {
  room = await Room.open({ nthreads: 1 });
  const template = await room.teach(async () => {
    void Promise.reject(new Error("nobody caught me"));
    await new Promise((resolve) => setTimeout(resolve, 10_000));
  }, []);
  const thrower = await room.teach(async () => {
    setTimeout(() => {
      throw new TypeError("thrown in a timer");
    }, 5);
    await new Promise((resolve) => setTimeout(resolve, 10_000));
  }, []);
  for (const executor of ["thread", "process"] as const) {
    const first = await room.failure(await room.run(template, [], { executor }));
    expect([first.type, first.exceptionText]).toEqual(["error", "Error: nobody caught me"]);
    await room.until(() => room.count("executor-ready") - room.count("executor-lost") === 1);
    const second = await room.failure(await room.run(thrower, [], { executor }));
    expect([second.type, second.exceptionText]).toEqual(["error", "TypeError: thrown in a timer"]);
    await room.until(() => room.count("executor-ready") - room.count("executor-lost") === 1);
  }
  await expectAlive(1);
});

it("logs a failure that comes after its task and replaces the executor", async () => {
  const errors: object[] = [];
  const silent = () => {};
  const error = (fields: object) => errors.push(fields);
  room = await Room.open({
    nthreads: 1,
    logger: { debug: silent, info: silent, warn: silent, error },
  });
  const template = await room.teach(() => {
    setTimeout(() => {
      throw new Error("too late");
    }, 30);
    return "done";
  }, []);
  expect(await room.value(await room.run(template))).toBe("done");
  await expectAlive(2);
  expect(errors).toHaveLength(1);
  expect(JSON.stringify(errors[0])).toContain("too late");
});

it("calls for help when a thread hangs in the kernel, and goes on when it ends after all", async () => {
  const fifo = join(folder, "fifo");
  execFileSync("mkfifo", [fifo]);
  const stuck: unknown[] = [];
  let onStuck = () => {};
  const called = new Promise<void>((resolve) => {
    onStuck = resolve;
  });
  room = await Room.open({
    nthreads: 1,
    limits: { stuckMs: 200, cancelGraceMs: 50 },
    onStuck: (executor) => {
      stuck.push(executor);
      onStuck();
    },
  });
  // Nobody writes to it: opening it to read blocks the thread where terminate() cannot reach it.
  const template = await room.teach(
    (path: string, started: string) => {
      writeFileSync(started, "");
      openSync(path, "r");
    },
    [item(0), item(1)],
  );
  const orderId = await room.run(template, [fifo, marker]);
  await started();
  room.executors.apply([{ type: "cancel", orderId }]);
  await called;
  const message = "a thread did not end within 200 ms of being terminated";
  expect(stuck).toEqual([{ slot: 0, orderId, message }]);
  expect(room.outcomes.has(orderId)).toBe(false);
  closeSync(openSync(fifo, "r+"));
  expect((await room.outcome(orderId)).type).toBe("aborted");
  await expectAlive(2);
});

it("closes a child process that has nothing to do, and starts another when needed", async () => {
  room = await Room.open({ nthreads: 1, limits: { idleChildMs: 50 } });
  const template = await room.teach(() => process.pid, []);
  const options = { executor: "process" } as const;
  const first = (await room.value(await room.run(template, [], options))) as number;
  const isThere = () => {
    try {
      return process.kill(first, 0);
    } catch {
      // No such process.
      return false;
    }
  };
  while (isThere()) await sleep(10);
  expect(await room.value(await room.run(template, [], options))).not.toBe(first);
});
