// Which language a task of a Python client is for, and what it asks for beyond that.
import type { TaskKey } from "@acme/protocol";
import { expect, it } from "vitest";
import { type ForeignGraph, planForeign } from "./foreign-graph.js";

function constraintFor(resources: Record<string, number> | null, javascript = false) {
  const asked =
    resources === null ? [] : [["resources", new Map(Object.entries(resources))] as const];
  const graph: ForeignGraph = {
    keys: ["t" as TaskKey],
    externals: [],
    rows: null,
    ranks: null,
    producers: null,
    javascript: javascript ? Uint8Array.of(1) : null,
    annotations: [new Map<string, unknown>(asked)],
    annotationOf: resources === null ? null : Int32Array.of(0),
    slabs: [
      { offsets: Uint32Array.of(0, 1), bytes: new Uint8Array(1), references: null, buffers: null },
    ],
  };
  return planForeign(graph, Uint8Array.of(1), { user_priority: 0 }).constraintOf(0);
}

it("takes the language from the function that a task calls", () => {
  expect(constraintFor(null)).toEqual({ lang: "py" });
  expect(constraintFor(null, true)).toEqual({ lang: "js" });
  expect(constraintFor({ GPU: 1 }, true)).toEqual({ lang: "js", resources: new Map([["GPU", 1]]) });
});

it("takes it from the resources that name one, and asks for no thread twice", () => {
  expect(constraintFor({ "LANG-js": 1 })).toEqual({ lang: "js" });
  expect(constraintFor({ "LANG-py": 1 })).toEqual({ lang: "py" });
  expect(constraintFor({ "LANG-js": 2, GPU: 1 })).toEqual({
    lang: "js",
    resources: new Map(Object.entries({ "LANG-js": 2, GPU: 1 })),
  });
});
