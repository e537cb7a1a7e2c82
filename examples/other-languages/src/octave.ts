// An Octave script: the eigenvalues of one matrix per call.
// Needs octave-cli (Debian: octave) wherever workers run.
import { command } from "@acme/client";
import { programPath, show } from "./run.js";

const eigenvalues = command("octave-cli", ["--quiet", programPath("eigenvalues.m"), "3", "{0}"], {
  output: "numbers",
  name: "eigenvalues",
});
await show(eigenvalues, [0, 2, 4]);
