// Sends a graph to a scheduler whose workers compute nothing, and waits until all is finished. No
// result is fetched. The Python program of the same name does the same.
import { Driver } from "../zero/driver.js";
import { map, shuffle, tree, type Workload } from "../zero/graphs.js";
import { answer, parametersOf, secondsSince, securityOf } from "./serve.js";

const shapes: Readonly<Record<string, (size: number, run: string) => Workload>> = {
  map,
  tree,
  shuffle,
};
const parameters = parametersOf<{ shape: string; size: number }>();
const { address, shape, size } = parameters;
const driver = await Driver.connect(address, securityOf(parameters));
await answer(async () => {
  const workload = shapes[shape]!(size, "");
  const startMs = performance.now();
  await driver.submit(workload);
  await driver.finished(workload.wanted);
  return { tasks: workload.tasks, seconds: secondsSince(startMs) };
});
