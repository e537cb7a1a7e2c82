// A million hostile inputs (or as many as `--values` says) for real processes beside a client that
// means well, then a harsher run in which every op may hit everybody, and spoilt values. What the
// figures must be is said here.
import { fuzzPacked } from "../fuzz/packed.js";
import { fuzzProcesses, type RunReport } from "../fuzz/run.js";
import type { Findings, SoakOptions } from "./findings.js";

const usualInputs = 1_000_000;
const harshInputs = 20_000;
/** About a third of what two cores can make and refuse: the rest is for those who mean well. */
const perSecondMax = 2_000;
const packedInputs = 100_000;
const growthMBMax = 50;
const stallMsMax = 1_000;
/** Of the good client's p99, which is never taken for less than this. */
const latencyFactorMax = 5;
const latencyFloorMs = 50;

export async function fuzz(findings: Findings, { values }: SoakOptions = {}): Promise<void> {
  const inputs = values ?? usualInputs;
  const seed = Math.floor(Math.random() * 2 ** 31);
  const missing: string[][] = [];
  await findings.part(`${inputs} inputs beside a good client`, async () => {
    const options = { seed, mode: "beside", validate: false, calmMs: 20_000 } as const;
    const report = await fuzzProcesses({ ...options, inputs, perSecondMax });
    findings.note("beside", report);
    checkProcesses(findings, report);
    checkNeighbour(findings, report);
    missing.push([...report.missingOps]);
  });
  await findings.part(`${harshInputs} inputs against everybody`, async () => {
    const options = { seed, mode: "harsh", validate: true, calmMs: 1_000 } as const;
    const report = await fuzzProcesses({ ...options, inputs: harshInputs });
    findings.note("harsh", report);
    checkProcesses(findings, report);
    missing.push([...report.missingOps]);
  });
  await findings.part(`${packedInputs} spoilt values and functions`, async () => {
    const report = await fuzzPacked({ seed, inputs: packedInputs });
    findings.note("packed", report);
    findings.check(report.alarms.length === 0, `decoders: ${report.alarms[0]}`);
    findings.check(Object.keys(report.unclear).length === 0, "decoders: unclear errors");
  });
  const never = (missing[0] ?? []).filter((op) => missing[1]?.includes(op) !== false);
  findings.check(never.length === 0, `never sent: ${never.join(", ")}`);
}

function checkProcesses(findings: Findings, report: RunReport): void {
  const { alarms, exitCodes, spoilt, inputs: all } = report;
  findings.check(alarms.length === 0, `${alarms.length} alarms, first ${alarms[0]}`);
  const ends = `${exitCodes.scheduler} ${exitCodes.worker}`;
  findings.check(ends === "0 0", `scheduler and worker ended with ${ends}`);
  findings.check(spoilt >= all / 2, `only ${spoilt} of ${all} were spoilt messages`);
}

function checkNeighbour(findings: Findings, { wrong, memoryMB, maps, pings }: RunReport): void {
  findings.check(wrong.length === 0, `the good client: ${wrong.length} wrong, first ${wrong[0]}`);
  for (const [name, { growth }] of Object.entries(memoryMB)) {
    findings.check(growth <= growthMBMax, `${name} grew by ${growth} MB`);
  }
  for (const [name, { calm, fuzzed }] of Object.entries({ maps, pings })) {
    const allowed = latencyFactorMax * Math.max(calm.p99, latencyFloorMs);
    findings.check(fuzzed.p99 <= allowed, `${name}: p99 ${calm.p99} → ${fuzzed.p99} ms`);
  }
  findings.check(pings.fuzzed.max <= stallMsMax, `a stall of ${pings.fuzzed.max} ms`);
}
