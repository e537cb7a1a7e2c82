// Which contact files a cluster trusts whose scheduler is a job.
import type { Contact } from "@acme/credentials";
import { expect, it } from "vitest";
import type { JobStatus } from "../drivers/driver.js";
import { isOf } from "./in-job.js";

const ref = { jobId: "12", index: 0 };
const contact = (jobId: string | null, restarts = 0): Contact => ({
  id: "Scheduler-1",
  address: "tls://10.0.0.1:1",
  addresses: ["tls://10.0.0.1:1"],
  pid: 1,
  host: "n1",
  httpPort: null,
  jobId,
  restarts,
  folder: null,
});
const status = (restarts: number) => ({ restarts }) as JobStatus;

it.each([
  ["its own", contact("12_0"), null, true],
  ["its own, as the queue says", contact("12_0", 1), status(1), true],
  ["of an earlier life", contact("12_0"), status(1), false],
  ["newer than the queue's answer", contact("12_0", 2), status(1), true],
  ["of another job", contact("13_0"), null, false],
  ["of no job", contact(null), null, false],
])("a file %s", (_, file, said, expected) => {
  expect(isOf(file, ref, said)).toBe(expected);
});
