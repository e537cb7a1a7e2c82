// How two outcomes of a program are judged.
import { describe, expect, it } from "vitest";
import { judge, worst } from "./verdict.js";

const raised = { class: "builtins.ValueError", text: "no" };

describe("two outcomes", () => {
  it("are the same by value, whatever the order of their keys", () => {
    expect(judge({ value: { a: 1, b: [2] } }, { value: { b: [2], a: 1 } }).verdict).toBe("same");
    expect(judge({ raised, traceback: "x" }, { raised, traceback: "y" }).verdict).toBe("same");
  });

  it("are the same where ours has words for an exception that dask raises without any", () => {
    const silent = { class: raised.class, text: "" };
    expect(judge({ raised: silent }, { raised }).verdict).toBe("same");
    expect(judge({ raised }, { raised: silent }).verdict).toBe("differs");
  });

  it("differ by value, by exception, and when a process is lost on both", () => {
    expect(judge({ value: 1 }, { value: 2 }).note).toBe("1 → 2");
    expect(judge({ value: 1 }, { raised }).note).toBe("1 → builtins.ValueError: no");
    expect(judge({ crashed: "signal SIGKILL" }, { crashed: "signal SIGKILL" }).verdict).toBe(
      "differs",
    );
  });

  it("are a refusal when ours says that it would need Python", () => {
    const text = "run_function needs Python in the scheduler";
    const refused = judge({ value: 1 }, { raised: { class: "builtins.RuntimeError", text } });
    expect(refused).toEqual({ verdict: "refused", note: text });
  });
});

it("a name is as good as the worst of its programs", () => {
  expect(worst(["same", "differs", "refused"])).toBe("differs");
  expect(worst(["same", "refused"])).toBe("refused");
  expect(worst([])).toBe("no case");
});
