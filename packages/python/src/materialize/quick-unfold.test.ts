// Graphs of one task as dask 2026.8 writes them: what is found in them, and that whatever differs is
// left to Python. That Python makes the same task of what is cut out is tested with a real one.
import { Pickled, Serialized } from "@acme/protocol";
import { expect, it } from "vitest";
import { quickUnfold } from "./quick-unfold.js";

/** `LLGExpr({"add-1": Task("add-1", operator.add, 1, List(TaskRef("x-2")))})` */
const recorded = Buffer.from(
  "gAWVQgEAAAAAAACMCmRhc2suX2V4cHKUjBFFeHByLl9yZWNvbnN0cnVjdJSTlChoAIwHTExHRXhwcpSTlH2U" +
    "jAVhZGQtMZSMD2Rhc2suX3Rhc2tfc3BlY5SMBFRhc2uUk5QpgZQoiSiMA3gtMpSRlE5OjCA2MTI5YTFjMjE4" +
    "YzZmOGEwM2E0N2ZiODhhOTVmNjExOZRLAWgHjARMaXN0lJOUKYGUXZQoiShoC5GUTk5OaAeMBUFsaWFzlJOU" +
    "aAtoC4aUUpSFlIwIYnVpbHRpbnOUjARsaXN0lJOUaAeMHE5lc3RlZENvbnRhaW5lci50b19jb250YWluZXKU" +
    "k5ROaBp9lGVihpSMCV9vcGVyYXRvcpSMA2FkZJSTlGgGfZR0lGJzjCAzYTM1ZGY0OWFmNWYzMzNjZGVmNzBi" +
    "N2NjOWQ4NzU2YpR9lHSUUpQu",
  "base64",
);

/** `LLGExpr({"f-1": Task("f-1", f, TaskRef("x-2"))})`, where `f` is a function of a program. */
const ownFunction = Buffer.from(
  "gAWVhwIAAAAAAACMCmRhc2suX2V4cHKUjBFFeHByLl9yZWNvbnN0cnVjdJSTlChoAIwHTExHRXhwcpSTlH2UjANm" +
    "LTGUjA9kYXNrLl90YXNrX3NwZWOUjARUYXNrlJOUKYGUKIkojAN4LTKUkZROTowgMWVhZTNlMDg3ODY2NTIwMzhi" +
    "ZDkwNTExYThhOTc1YjaUaAeMB1Rhc2tSZWaUk5RoC4WUUpSFlIwXY2xvdWRwaWNrbGUuY2xvdWRwaWNrbGWUjA5f" +
    "bWFrZV9mdW5jdGlvbpSTlChoE4wNX2J1aWx0aW5fdHlwZZSTlIwIQ29kZVR5cGWUhZRSlChLAUsASwBLAUsCSwND" +
    "DJcAfABkAXoAAABTAJROSwGGlCmMAXiUhZSMCDxzdHJpbmc+lIwBZpSMAWaUSwFDCoAAkBGQUZEViCyUQwCUKSl0" +
    "lFKUfZQojAtfX3BhY2thZ2VfX5ROjAhfX25hbWVfX5SMCF9fbWFpbl9flIwIX19maWxlX1+UjAZhZGQucHmUdU5O" +
    "TnSUUpRoE4wSX2Z1bmN0aW9uX3NldHN0YXRllJOUaC19lH2UKGgoaCCMDF9fcXVhbG5hbWVfX5RoIIwPX19hbm5v" +
    "dGF0aW9uc19flH2UjA5fX2t3ZGVmYXVsdHNfX5ROjAxfX2RlZmF1bHRzX1+UTowKX19tb2R1bGVfX5SMCF9fbWFp" +
    "bl9flIwHX19kb2NfX5ROjAtfX2Nsb3N1cmVfX5ROjBdfY2xvdWRwaWNrbGVfc3VibW9kdWxlc5RdlIwLX19nbG9i" +
    "YWxzX1+UfZR1hpSGUjBoBn2UdJRic4wgMTU3MmU5N2MzMDA5NThhYWVmNmExZjFkMTdkNDIxZWWUfZR0lFKULg==",
  "base64",
);

const header = { serializer: "pickle", writeable: [] };

function graphOf(pickle: Uint8Array, more: object = {}) {
  return { expr_ser: new Serialized(header, [pickle]), keys: ["add-1"], ...more };
}

it("finds key and dependencies, and cuts out the task", () => {
  const { graph, names } = quickUnfold(graphOf(recorded)) ?? {};
  expect(names).toContain("_operator:add");
  expect(names).toContain("dask._task_spec:List");
  expect(graph).toMatchObject({ keys: ["add-1"], externals: ["x-2"], annotationOf: null });
  expect([...(graph?.rows?.indices ?? [])]).toEqual([1]);
  const slab = graph?.slabs[0];
  const { pickle } = new Pickled(slab?.bytes.slice() ?? new Uint8Array());
  const [proto, opening] = [pickle.subarray(0, 2), pickle.subarray(2, 14)];
  expect([...proto]).toEqual([0x80, 5]);
  expect(Buffer.from(opening).toString("latin1")).toBe("\x8c\x0adask._expr");
  expect(Buffer.from(pickle.subarray(-3)).toString("latin1")).toBe("\x94b.");
});

it("finds what a function imports that came by its code", () => {
  const message = { ...graphOf(ownFunction), keys: ["f-1"] };
  const { graph, names } = quickUnfold(message) ?? {};
  expect(graph).toMatchObject({ keys: ["f-1"], externals: ["x-2"] });
  expect([...(names ?? [])].filter((name) => !name.startsWith("dask"))).toEqual([
    "cloudpickle.cloudpickle:_make_function",
    "types:CodeType/18",
    "cloudpickle.cloudpickle:_builtin_type",
  ]);
});

it("leaves other builtin types to Python", () => {
  const other = Buffer.from(ownFunction);
  other.write("ListType", other.indexOf("CodeType"), "latin1");
  expect(quickUnfold({ ...graphOf(other), keys: ["f-1"] })).toBeNull();
});

it("reads annotations of plain values, and leaves others to Python", () => {
  const plain = Pickled.of(
    Buffer.from("80047d8c0772657472696573944b0373 2e".replace(" ", ""), "hex"),
  );
  const graph = quickUnfold(graphOf(recorded, { annotations: plain }))?.graph;
  expect(graph?.annotations).toEqual([new Map([["retries", 3]])]);
  const callable = Pickled.of(Buffer.from("80047d8c0161636f730a6765746377640a732e", "hex"));
  expect(quickUnfold(graphOf(recorded, { annotations: callable }))).toBeNull();
});

it("leaves all else to Python", () => {
  expect(quickUnfold(graphOf(recorded, { keys: ["add-1", "add-2"] }))).toBeNull();
  expect(quickUnfold(graphOf(recorded, { keys: ["other"] }))).toBeNull();
  expect(quickUnfold(graphOf(recorded, { expr_ser: undefined }))).toBeNull();
  for (let length = 0; length < recorded.length; length++) {
    expect(quickUnfold(graphOf(recorded.subarray(0, length)))).toBeNull();
  }
});

it("survives any byte that is changed", () => {
  for (let at = 0; at < recorded.length; at++) {
    const changed = Uint8Array.from(recorded);
    changed[at] = (changed[at] as number) ^ 0x55;
    const quick = quickUnfold(graphOf(changed));
    expect(quick === null || quick.graph.keys[0] === "add-1").toBe(true);
  }
});

it("leaves to Python what is made by calls of a user's own", () => {
  // The same length, so that all else stays as it was.
  const own = Buffer.from(recorded);
  own.write("mine._task_spec", own.indexOf("dask._task_spec"), "latin1");
  expect(quickUnfold(graphOf(own))).toBeNull();
});
