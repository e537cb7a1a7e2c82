// A tool such as recon-all: one subject per call, results in files of its own, a log for each.
// Needs nothing but a shell for the tool itself.
import { readdirSync, readFileSync } from "node:fs";
import { command, each } from "@acme/client";
import { programPath, show } from "./run.js";

const subjects = ["sub-01", "sub-02", "sub-03"];
const recon = command(programPath("recon-tool"), ["-s", "{subject}", "-openmp", "{threads}"], {
  output: "none",
  env: { SUBJECTS_DIR: "subjects" },
  log: "logs/{subject}.log",
  timeLimitMs: 60_000,
});
await show(recon, { subject: each(subjects), threads: 2 });
for (const subject of readdirSync("subjects")) {
  const last = readFileSync(`logs/${subject}.log`, "utf8").trim().split("\n").at(-1);
  console.log(`${subject}: ${last}`);
}
