// What all these examples have in common: where their programs are, and how a map of one is shown.
// Knows no language.
import { fileURLToPath } from "node:url";
import { type CommandFunction, ParallelMap } from "@acme/client";

/** Path of a file beside this package's programs. */
export const programPath = (name: string): string =>
  fileURLToPath(new URL(`../programs/${name}`, import.meta.url));

/** Calls a program once per set of inputs, and prints what each gave as a line of JSON. */
export async function show<T>(
  program: CommandFunction<T>,
  ...inputs: readonly unknown[]
): Promise<void> {
  const values = await new ParallelMap(program, ...inputs).compute({
    output: "memory",
    nWorkers: 2,
  });
  for (const value of values) {
    console.log(JSON.stringify(value instanceof Float64Array ? [...value] : value));
  }
}
