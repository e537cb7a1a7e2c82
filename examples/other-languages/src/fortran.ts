// A FORTRAN program, compiled here once: the orbit of the logistic map for one parameter per call.
// Needs gfortran on this machine, and the folder wherever workers run.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { command } from "@acme/client";
import { programPath, show } from "./run.js";

const folder = mkdtempSync(join(process.cwd(), "orbit-"));
try {
  const program = join(folder, "orbit");
  execFileSync("gfortran", ["-O2", "-o", program, programPath("orbit.f90")]);
  await show(command(program, ["{0}"], { output: "numbers" }), [2.5, 3.2, 3.5]);
} finally {
  rmSync(folder, { recursive: true });
}
