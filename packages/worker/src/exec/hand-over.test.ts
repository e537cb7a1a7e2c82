// Orders on their way: taken back or claimed exactly once, seceding, closing, rescheduling.
import { afterEach, expect, it } from "vitest";
import { Room } from "./fixtures/room.js";

let room: Room;
afterEach(() => room.close());

const sleep = async (ms: number) => {
  await new Promise((resolve) => setTimeout(resolve, ms));
  return ms;
};
const busy = (ms: number) => {
  const untilMs = performance.now() + ms;
  while (performance.now() < untilMs);
  return ms;
};

it("gives each retracted order back or tells that it was claimed, never both", async () => {
  room = await Room.open({ nthreads: 2 });
  const template = await room.teach(busy);
  let returned = 0;
  for (let round = 0; round < 30; round++) {
    const rows = Array.from({ length: 40 }, () => [0.02]);
    const orders = await room.runRows(template, rows, [{ slot: 0 }, { slot: 1 }]);
    await new Promise((resolve) => setImmediate(resolve));
    const before = room.events.length;
    room.executors.apply(orders.map((orderId) => ({ type: "retract" as const, orderId })));
    const answers = room.events.slice(before);
    const outcomes = await Promise.all(orders.map((orderId) => room.outcome(orderId)));
    for (const [at, orderId] of orders.entries()) {
      const claimed = answers.some((e) => e.type === "claimed" && e.orderId === orderId);
      if (claimed) expect(outcomes[at]?.type).toBe("ok");
      if (outcomes[at]?.type === "returned") returned += 1;
      room.executors.takeResult(orderId);
    }
  }
  expect(returned).toBeGreaterThan(0);
  expect(room.executors.waitingResults).toBe(0);
});

it("reports what ended before a long task without waiting for it", async () => {
  room = await Room.open({ nthreads: 1 });
  const template = await room.teach(busy);
  await room.ok(await room.run(template, [0]));
  const startMs = performance.now();
  const orders = await room.runRows(template, [[0], [0], [0], [1_500]], [{}]);
  for (const orderId of orders.slice(0, 3)) await room.ok(orderId);
  expect(performance.now() - startMs).toBeLessThan(1_000);
  await room.ok(orders[3] as number);
});

it("reports what ended in a cell behind an error that was posted", async () => {
  room = await Room.open({ nthreads: 1 });
  const template = await room.teach((x: number) => {
    if (x === 1) throw new Error("1 is refused");
    return x;
  });
  await room.ok(await room.run(template, [0]));
  const orders = await room.runRows(template, [[0], [1], [2], [3]], [{}]);
  // Nothing is looked at before all of them have ended: one bell stands for all.
  busy(500);
  const types = [];
  for (const orderId of orders) types.push((await room.outcome(orderId)).type);
  expect(types).toEqual(["ok", "error", "ok", "ok"]);
});

it("holds back more orders than a thread takes at once", async () => {
  room = await Room.open({ nthreads: 1, limits: { cells: 4 } });
  const template = await room.teach((x: number) => x);
  const rows = Array.from({ length: 50 }, (_, x) => [x]);
  const orders = await room.runRows(template, rows, [{}]);
  for (const [x, orderId] of orders.entries()) expect(await room.value(orderId)).toBe(x);
});

it("keeps the order of a slot across its thread and its process", async () => {
  room = await Room.open({ nthreads: 1 });
  const template = await room.teach((x: number) => x);
  const kinds = ["thread", "process", "process", "thread", "thread", "process"] as const;
  const rows = kinds.map((_, x) => [x]);
  const orders = await room.runRows(
    template,
    rows,
    kinds.map((executor) => ({ executor })),
  );
  for (const orderId of orders) await room.ok(orderId);
  expect([...room.outcomes.keys()]).toEqual(orders);
});

it("opens the slot again while a task that seceded goes on", async () => {
  room = await Room.open({ nthreads: 1 });
  const leaver = await room.teach(async (ms: number) => {
    const task = Reflect.get(globalThis, Symbol.for("acme.task"));
    task.secede();
    await new Promise((resolve) => setTimeout(resolve, ms));
    return "left";
  });
  const quick = await room.teach((x: number) => x);
  for (const executor of ["thread", "process"] as const) {
    const ready = room.count("executor-ready");
    const orderId = await room.run(leaver, [1_000], { executor });
    const behind = await room.run(quick, [1], { executor });
    await room.until(() => room.events.some((e) => e.type === "seceded" && e.orderId === orderId));
    expect((await room.outcome(behind)).type).toBe("returned");
    await room.until(() => room.count("executor-ready") > ready);
    expect(await room.value(await room.run(quick, [2], { executor }))).toBe(2);
    expect(room.outcomes.has(orderId)).toBe(false);
    expect(await room.value(orderId)).toBe("left");
  }
});

it("aborts a task that seceded without touching the slot", async () => {
  room = await Room.open({ nthreads: 1 });
  const template = await room.teach(async () => {
    Reflect.get(globalThis, Symbol.for("acme.task")).secede();
    for (;;) await new Promise((resolve) => setTimeout(resolve, 50));
  }, []);
  const orderId = await room.run(template);
  await room.until(() => room.count("executor-ready") === 2);
  room.executors.apply([{ type: "cancel", orderId }]);
  expect((await room.outcome(orderId)).type).toBe("aborted");
  expect(room.count("executor-lost")).toBe(0);
});

it("reports a task that asks to run elsewhere as rescheduled", async () => {
  room = await Room.open({ nthreads: 1 });
  const template = await room.teach(() => {
    Reflect.get(globalThis, Symbol.for("acme.task")).reschedule();
  }, []);
  expect((await room.outcome(await room.run(template))).type).toBe("rescheduled");
});

it("forgets a function and learns it again", async () => {
  room = await Room.open({ nthreads: 1 });
  for (let turn = 0; turn < 3; turn++) {
    const template = await room.teach((x: number) => x + 1);
    expect(await room.value(await room.run(template, [turn]))).toBe(turn + 1);
    room.executors.apply([{ type: "forget", template }]);
  }
});

it("closes with a grace for what runs, and gives back the rest", async () => {
  room = await Room.open({ nthreads: 2 });
  const template = await room.teach(sleep);
  const rows = [[200], [20_000], [0], [0]];
  const orders = await room.runRows(template, rows, [{ slot: 0 }, { slot: 1 }]);
  await sleep(100);
  await room.executors.close({ graceMs: 600 });
  const types = orders.map((orderId) => room.outcomes.get(orderId)?.type);
  expect(types).toEqual(["ok", "aborted", "returned", "returned"]);
});
