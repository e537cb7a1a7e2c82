// Messages recorded from dask read as typed objects; bad fields are named; unknown ops are no error.
import { describe, expect, it } from "vitest";
import vectors from "../fixtures/wire-vectors.json" with { type: "json" };
import { Pickled, Serialized } from "../serialized.js";
import { decodeMessage, encodeMessage } from "../wire-codec.js";
import {
  clientToScheduler,
  nannyRequest,
  schedulerRequest,
  schedulerToClient,
  schedulerToWorker,
  workerRequest,
  workerToScheduler,
} from "./index.js";

function recorded(name: string): unknown {
  const vector = vectors.vectors.find((one) => one.name === name);
  if (vector === undefined) throw new Error(`no recorded message is called ${name}`);
  const frames = (vector.frames as string[]).map((hex) => Buffer.from(hex, "hex"));
  const message = decodeMessage(frames);
  return Array.isArray(message) ? message[0] : message;
}

const throughTheWire = (message: object): unknown => decodeMessage(encodeMessage(message));

describe("messages recorded from dask", () => {
  it("reads task-finished", () => {
    expect(workerToScheduler.read(recorded("task_finished"))).toMatchObject({
      op: "task-finished",
      key: "inc-1",
      run_id: 1,
      nbytes: 28,
      typename: "int",
    });
  });

  it("reads task-erred with its exception unopened", () => {
    const message = workerToScheduler.read(recorded("task_erred_stream"));
    expect(message).toMatchObject({ op: "task-erred", key: "k", run_id: 3 });
    expect((message as { exception: unknown }).exception).toBeInstanceOf(Serialized);
  });

  it("reads compute-task with its run spec unopened", () => {
    const message = schedulerToWorker.read(recorded("compute_task"));
    expect(message).toMatchObject({ op: "compute-task", key: "inc-1", priority: [0, 1, 0] });
    expect((message as { run_spec: unknown }).run_spec).toBeInstanceOf(Pickled);
    expect((message as { who_has: unknown }).who_has).toEqual(
      new Map([["a", ["tcp://127.0.0.1:4000"]]]),
    );
  });

  it("reads update-graph, register-client, identity, get_data and key-in-memory", () => {
    expect(clientToScheduler.read(recorded("update_graph"))).toMatchObject({ keys: ["inc-1"] });
    expect(schedulerRequest.read(recorded("register_client"))).toMatchObject({
      op: "register-client",
    });
    expect(schedulerRequest.read(recorded("identity"))).toEqual({ op: "identity", n_workers: 0 });
    expect(workerRequest.read(recorded("get_data"))).toMatchObject({ keys: ["inc-1"] });
    expect(schedulerToClient.read(recorded("key_in_memory"))).toMatchObject({ key: "inc-1" });
  });
});

const data = (nbytes: number) => ({
  who_has: new Map([["a", []]]),
  nbytes: new Map([["a", nbytes]]),
  stimulus_id: "s",
});

const nested = (depth: number): unknown =>
  depth === 0 ? 1 : new Map([["in", [nested(depth - 2)]]]);

describe("reading", () => {
  it("takes either form of a field without trying the other", () => {
    const spec = { template: "t", items: new Uint8Array([1]), isolate: true };
    const message = {
      op: "compute-task",
      key: ["x", 0],
      run_id: 2 ** 32 + 1,
      priority: [0, 1],
      stimulus_id: "s",
      who_has: new Map(),
      nbytes: new Map(),
      run_spec: spec,
      resource_restrictions: null,
      actor: false,
      annotations: {},
      span_id: null,
    };
    expect(schedulerToWorker.read(throughTheWire(message))).toMatchObject({
      key: ["x", 0],
      run_id: 2 ** 32 + 1,
      run_spec: spec,
    });
  });

  it.each([
    [{ op: "free-keys", keys: "a", stimulus_id: "s" }, "a list at keys"],
    [{ op: "free-keys", keys: ["a", null], stimulus_id: "s" }, "a task key at keys[1]"],
    [{ op: "free-keys", keys: ["a"] }, "a string at stimulus_id, got nothing"],
    [{ op: "cancel-compute", key: "a", stimulus_id: "s", abort: 1 }, "a boolean at abort"],
    [{ op: "acquire-replicas", ...data(-1) }, "an integer from 0 to 17592186044416 at nbytes"],
    [{ op: "acquire-replicas", ...data(2 ** 45) }, "an integer from 0 to 17592186044416 at nbytes"],
  ])("names the field that is wrong in %j", (message, what) => {
    const read = () => schedulerToWorker.read(throughTheWire(message));
    expect(read).toThrowError(expect.objectContaining({ code: "WIRE_FORMAT" }));
    expect(read).toThrow(what);
  });

  it.each([
    [{ op: "log-event", topic: "t", msg: nested(66) }, "looseDepth at msg"],
    [{ op: "log-event", topic: "t".repeat(5000), msg: 1 }, "nameLength at topic"],
    [{ op: "add-keys", keys: ["k".repeat(5000)], stimulus_id: "s" }, "keyLength at keys[0]"],
    [{ op: "add-keys", keys: [["k".repeat(5000)]], stimulus_id: "s" }, "keyLength at keys[0]"],
  ])("refuses what is too deep or too long to be remembered: %#", (message, what) => {
    const read = () => workerToScheduler.read(throughTheWire(message));
    expect(read).toThrowError(expect.objectContaining({ code: "LIMIT_EXCEEDED" }));
    expect(read).toThrow(what);
  });

  it("takes what may be anything, and nothing for nil", () => {
    const event = { op: "log-event", topic: "t", msg: nested(64) };
    expect(workerToScheduler.read(throughTheWire(event))).toMatchObject({ topic: "t" });
    const empty = workerToScheduler.read(throughTheWire({ op: "log-event", topic: "t" }));
    expect(empty).toEqual({ op: "log-event", topic: "t", msg: null });
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, "1"])("refuses %s for a number", (interval) => {
    const message = { op: "adjust-heartbeat-interval", interval };
    expect(() => schedulerToClient.read(throughTheWire(message))).toThrow("a finite number");
  });

  it("tells the shapes of all fields of all ops", () => {
    expect(workerToScheduler.shapes.get("add-keys")).toEqual({
      keys: { type: "list", of: { type: "key" } },
      stimulus_id: { type: "text" },
    });
    expect([...clientToScheduler.shapes.keys()]).toEqual(clientToScheduler.ops);
  });

  it("gives the name of an op that it does not know", () => {
    const map = throughTheWire({ op: "from-the-future", x: 1 });
    expect(nannyRequest.read(map)).toEqual({ op: null, name: "from-the-future" });
  });

  it("refuses what is no message at all", () => {
    for (const value of [null, 5, "OK", [], new Map()]) {
      expect(() => workerToScheduler.read(value)).toThrowError(
        expect.objectContaining({ code: "WIRE_FORMAT" }),
      );
    }
  });
});
