// An R function with a vector as its result: three quartiles per call.
// Needs Rscript (Debian: r-base-core) wherever workers run.
import { command, range } from "@acme/client";
import { programPath, show } from "./run.js";

const quartiles = command("Rscript", ["--vanilla", programPath("quantiles.R"), "{0}", "{1}"], {
  output: "numbers",
  name: "quartiles",
});
await show(quartiles, range(1, 5), [0, 10, 20, 30]);
