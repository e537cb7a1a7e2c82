// Records of runs: selected by number, by time and by count, and never more than a bound.
import { describe, expect, it } from "vitest";
import { coreLimits } from "../limits.js";
import { recordRun, runsIn, TaskStream } from "./task-stream.js";

const finished = (key: string, stop: number) => ({
  op: "task-finished" as const,
  key,
  run_id: 1,
  nbytes: 8,
  type: null,
  typename: "int",
  startstops: [
    new Map<string, unknown>([
      ["action", "compute"],
      ["start", stop - 1],
      ["stop", stop],
    ]),
  ],
  stimulus_id: "s",
});

function recorded(...stops: number[]): TaskStream {
  const stream = new TaskStream();
  for (const stop of stops) recordRun(stream, "tcp://w:1", finished(`x-${stop}`, stop));
  return stream;
}

describe("the stream of runs", () => {
  const keys = (query: Parameters<typeof runsIn>[1]) =>
    runsIn(recorded(10, 20, 30, 40), query).map(({ key }) => key);

  it("gives what a query means", () => {
    expect(keys({})).toEqual(["x-10", "x-20", "x-30", "x-40"]);
    expect(keys({ startIndex: 3 })).toEqual(["x-40"]);
    expect(keys({ startS: 20, stopS: 40 })).toEqual(["x-20", "x-30"]);
    expect(keys({ count: 1 })).toEqual(["x-40"]);
    expect(keys({ startS: 15, count: 2 })).toEqual(["x-20", "x-30"]);
    expect(keys({ stopS: 35, count: 1 })).toEqual(["x-30"]);
    expect(runsIn(null, {})).toEqual([]);
  });

  it("says where it ran and how it ended, and leaves out what only we carry", () => {
    const stream = recorded(10);
    const [run] = runsIn(stream, {});
    expect(run).toMatchObject({ key: "x-10", worker: "tcp://w:1", status: "OK" });
    expect(Object.keys(run ?? {})).not.toContain("run_id");
  });

  it("forgets the oldest, whose numbers are not used again", () => {
    const stream = new TaskStream();
    const { taskStreamLength, taskStreamSlack } = coreLimits;
    const many = taskStreamLength + taskStreamSlack;
    for (let i = 0; i < many; i++) recordRun(stream, "w", finished("x", i));
    expect([stream.index, stream.records.length]).toEqual([many, taskStreamLength]);
    expect(runsIn(stream, { startIndex: many - 2 })).toHaveLength(2);
  });
});
