// Says of the tasks that an error names how they stand everywhere. For replays only.
// Reads the cores' views and judges nothing: what is wrong was found by checks.ts.
import { taskKey } from "@acme/protocol";
import { view } from "@acme/scheduler/core";
import { view as workerView } from "@acme/worker/core";
import { show } from "./trace.js";
import type { World } from "./world.js";

export function describe(world: World, error: unknown): void {
  const text = error instanceof Error ? error.message : String(error);
  for (const { worker } of world.sites) {
    for (const task of worker?.state.tasks.values() ?? []) {
      const { key, state, replica, place, previous, next, runId } = task;
      const about = { key, state, replica, place, previous, next, runId };
      world.trace.line(worker?.process.name ?? "", () => show(about));
    }
  }
  for (const { key, state, whoWants, waiters } of world.scheduler.state.tasks.values()) {
    const wanted = whoWants !== null;
    world.trace.line("scheduler", () => show({ key, state, wanted, waiters }));
    for (const row of view.getStory(world.scheduler.state, [key]).slice(-12)) {
      world.trace.line("scheduler", () => show(row));
    }
  }
  const named = world.catalogue.byNumber.filter(({ key }) => mentions(text, key)).slice(0, 3);
  for (const { key, ...task } of named) {
    const { state } = world.scheduler;
    const { dependencies, behaviour, retries, attempts, constraint } = task;
    const lines = [
      `catalogue ${show({ dependencies, behaviour, retries, attempts, constraint })}`,
      `dependents ${show(world.catalogue.downstream([key]))}`,
      `explained: ${view.explain(state, key)}`,
      ...view.getStory(state, [key]).map(show),
    ];
    for (const { worker } of world.sites) {
      if (worker === null) continue;
      const { story } = { story: workerView.story(worker.state, new Set([taskKey(key)])) };
      const name = worker.process.name;
      lines.push(...story.slice(-20).map((e) => `${name} ${e.from} > ${e.to} (${e.cause})`));
    }
    for (const line of lines) world.trace.line(key, () => line);
  }
}

function mentions(text: string, key: string): boolean {
  const at = text.indexOf(key);
  return at >= 0 && !/[\w-]/.test(text[at + key.length] ?? " ");
}
