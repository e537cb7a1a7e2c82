// What is taken out of pickled plugins and functions, and what is not.
import { describe, expect, it } from "vitest";
import { type PickleNode, PyObject, pyCall, pyGlobal } from "../pickle/nodes.js";
import { writePickle } from "../pickle/write-pickle.js";
import { progressWish } from "./progress-wish.js";
import { uploadedFile } from "./uploaded-file.js";

const plugin = (name: string, state: [PickleNode, PickleNode][]) =>
  writePickle(
    new PyObject("new", pyGlobal("distributed.diagnostics.plugin", name), [], {
      state: new Map(state),
    }),
  ).bytes;

const data = new TextEncoder().encode("x = 1");

describe("the file of a plugin that uploads one", () => {
  it("is read", () => {
    const pickle = plugin("SchedulerUploadFile", [
      ["filename", "mod.py"],
      ["data", data],
      ["load", false],
    ]);
    expect(uploadedFile(pickle)).toEqual({ filename: "mod.py", data, load: false });
  });

  it.each([
    ["../mod.py", data],
    ["..", data],
    ["mod.py", "text"],
  ])("is none when it is called %s and holds %s", (filename, held) => {
    const pickle = plugin("SchedulerUploadFile", [
      ["filename", filename],
      ["data", held],
    ]);
    expect(uploadedFile(pickle)).toBeNull();
  });

  it("is none of another plugin", () => {
    expect(uploadedFile(plugin("SchedulerPlugin", []))).toBeNull();
  });
});

it("takes no other function for a progress bar", () => {
  expect(progressWish(writePickle(pyCall("builtins", "print", 1)).bytes)).toBeNull();
  expect(progressWish(writePickle(pyGlobal("os", "system")).bytes)).toBeNull();
});
