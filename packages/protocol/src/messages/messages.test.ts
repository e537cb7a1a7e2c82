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
  ])("names the field that is wrong in %j", (message, what) => {
    const read = () => schedulerToWorker.read(throughTheWire(message));
    expect(read).toThrowError(expect.objectContaining({ code: "WIRE_FORMAT" }));
    expect(read).toThrow(what);
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
