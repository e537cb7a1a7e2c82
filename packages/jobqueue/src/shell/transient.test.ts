// Which complaints of batch systems may pass by themselves.
import { expect, it } from "vitest";
import { isTransient } from "./transient.js";

it.each([
  "sbatch: error: Batch job submission failed: Socket timed out on send/recv operation",
  "sbatch: error: Batch job submission failed: Resource temporarily unavailable",
  "slurm_load_jobs error: Unable to contact slurm controller (connect failure)",
  "qsub: cannot connect to server head (errno=111) Connection refused",
  'error: unable to send message to qmaster using port 6444 on host "head"',
])("may pass: %s", (stderr) => expect(isTransient(stderr)).toBe(true));

it.each([
  "",
  "sbatch: error: invalid partition specified: nope",
  "slurm_load_jobs error: Invalid job id specified",
  "qsub: Unknown queue",
])("lasts: %s", (stderr) => expect(isTransient(stderr)).toBe(false));
