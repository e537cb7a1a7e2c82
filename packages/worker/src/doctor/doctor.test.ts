// What the doctor makes of what it finds: each finding with its verdict, and what to do.
import { makeCertificates } from "@acme/credentials";
import { describe, expect, it } from "vitest";
import { type Finding, findingText, ok, summaryText, warn } from "./finding.js";
import { batchFinding, libraryFinding, nodeFinding, openFilesFinding } from "./machine-checks.js";
import { certificateFinding, clockFinding } from "./way-checks.js";

const verdict = (finding: Finding | null) => finding?.verdict;

describe("this machine", () => {
  it.each([
    ["18.20.0", "fail"],
    ["20.18.3", "fail"],
    ["20.19.0", "warn"],
    ["22.3.0", "ok"],
    ["24.0.0", "ok"],
  ])("node %s: %s", (version, expected) => {
    expect(verdict(nodeFinding(version, "/usr/bin/node"))).toBe(expected);
  });

  it.each([
    ["2.17", "fail"],
    ["2.28", "ok"],
    ["2.36", "ok"],
    [undefined, "warn"],
  ])("glibc %s: %s", (version, expected) => {
    expect(verdict(libraryFinding(version))).toBe(expected);
  });

  it.each([
    [128, "fail"],
    [1024, "warn"],
    [65_536, "ok"],
    ["unlimited", "ok"],
    [undefined, "warn"],
  ])("%s open files: %s", (limit, expected) => {
    expect(verdict(openFilesFinding(limit))).toBe(expected);
  });

  it("names the batch job it is in", () => {
    expect(batchFinding({})).toBeNull();
    const env = { SLURM_JOB_ID: "12", SLURMD_NODENAME: "node3" };
    expect(batchFinding(env)?.text).toBe("12 on node3");
  });
});

describe("certificates", () => {
  const day = 86_400_000;
  const nowMs = Date.now();
  const made = (fromMs: number, untilMs: number) =>
    makeCertificates("x", { fromMs: nowMs + fromMs, untilMs: nowMs + untilMs }).cert;

  it.each([
    [-day, 100 * day, "ok"],
    [-day, 2 * day, "warn"],
    [-2 * day, -day, "fail"],
    [day, 2 * day, "fail"],
  ])("valid from %i to %i ms: %s", (fromMs, untilMs, expected) => {
    expect(verdict(certificateFinding(made(fromMs, untilMs), nowMs))).toBe(expected);
  });

  it("are not missed where nothing is encrypted", () => {
    expect(certificateFinding(undefined, nowMs)).toBeNull();
  });
});

it.each([
  [400, "ok"],
  [-90_000, "warn"],
  [4_000_000, "fail"],
])("a clock that is %i ms off: %s", (skewMs, expected) => {
  expect(verdict(clockFinding(skewMs))).toBe(expected);
});

it("prints a line each, advice below it, and what all came to", () => {
  expect(findingText(ok("node", "v22"))).toBe("ok    node           v22\n");
  expect(findingText(warn("clock", "late", "wind it up"))).toBe(
    "warn  clock          late\n                     -> wind it up\n",
  );
  expect(summaryText([ok("a", "")])).toBe("Workers can run here.\n");
  expect(summaryText([ok("a", ""), warn("b", "", "c")])).toContain("with 1 warning.");
});
