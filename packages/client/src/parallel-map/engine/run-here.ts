// Makes the calls of a map in this very process, one after the other, so that breakpoints work and an
// error is that of the function, with its stack. No cluster is there; results go where they always go.
import { randomInt } from "node:crypto";
import { assembleArguments } from "../call-layout.js";
import type { Row } from "../call-source.js";
import { CurrentCall } from "../calls/current-call.js";
import { settled } from "../calls/settled.js";
import { storageRules } from "../compute-options.js";
import { concluded } from "../conclusion.js";
import { FileOutput } from "../file-output.js";
import { mapLimits } from "../map-limits.js";
import { resultArrays } from "../result-values.js";
import { fileNameOf } from "../run-folder.js";
import { storeResult } from "../write-result.js";
import { keptOptions, leavesFiles } from "./kept-options.js";
import type { MapPlan } from "./running-map.js";

/** @throws what a call throws, at once */
export async function runHere(plan: MapPlan): Promise<unknown> {
  const { fn, inputs, options, onContainer } = plan;
  const storage = storageRules(options);
  const { output = "files" } = options;
  const files = leavesFiles(output)
    ? await FileOutput.begin({ fn, inputs, ...storage, ...keptOptions(options) })
    : undefined;
  onContainer(files?.container);
  const results: unknown[] = [];
  const call = await callsHere(plan, files, storage.layout);
  let isDone = false;
  try {
    for await (const row of rowsOf(plan)) results.push(await call(results.length, row));
    isDone = true;
  } finally {
    await files?.finish(inputs.count);
    await files?.records.finish(isDone ? "done" : "failed");
    if (isDone) await files?.tidy();
  }
  const { layout } = storage;
  return concluded(results, { output, layout, container: files?.container });
}

async function* rowsOf({ inputs, options }: MapPlan): AsyncGenerator<Row> {
  const source = inputs.open();
  try {
    for (;;) {
      options.signal?.throwIfAborted();
      const row = source.isAsync ? await source.next() : source.take(1)[0];
      if (row === undefined) return;
      yield row;
    }
  } finally {
    await source.close();
  }
}

type CallHere = (index: number, row: Row) => Promise<unknown>;

async function callsHere(
  { fn, inputs, options }: MapPlan,
  files: FileOutput | undefined,
  layout: ReturnType<typeof storageRules>["layout"],
): Promise<CallHere> {
  const seed = files?.records.origin.seed ?? options.seed ?? randomInt(mapLimits.seeds);
  const logs = files?.logs ?? null;
  const outputDir = files?.folder ?? null;
  const rules = { name: fileNameOf(fn), seed, outputDir, logs, isShown: false };
  const done = files?.records.plan().done;
  return async (index, row) => {
    const known = done?.get(index);
    if (known !== undefined) return files?.path(known);
    const call = new CurrentCall(rules, { index, attempt: 1, timeLimitMs: undefined });
    const args = assembleArguments(inputs.layout, [...row, ...inputs.shared]) as never[];
    try {
      const value = await call.run(() => settled(fn(...args)));
      if (options.output === "none") return undefined;
      if (files === undefined) {
        return layout === null
          ? value
          : resultArrays(value, { index, layout, dtype: layout.dtype });
      }
      const written = await storeResult(files.job, index, value);
      files.record(index, written);
      files.records.done(index, written, { attempt: 1 });
      return files.path(written);
    } finally {
      call.close();
    }
  };
}
