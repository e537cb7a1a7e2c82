// `acme-worker doctor`: can workers run on this machine, and can they reach their scheduler? Meant to
// be run where workers would be, as by `srun -p PARTITION acme-worker doctor --cluster NAME`.
import { existsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { openClusterDirectory } from "@acme/credentials";
import { isAcmeError } from "@acme/protocol";
import { Command } from "commander";
import { findScheduler } from "../find-scheduler.js";
import { defaultWorkFolder } from "../shell/work-folder.js";
import { doctorLimits } from "./doctor-limits.js";
import { type Finding, fail, findingText, ok, summaryText } from "./finding.js";
import { batchFinding, checkMachine } from "./machine-checks.js";
import { checkWay, type FoundScheduler, folderFinding } from "./way-checks.js";

interface DoctorFlags {
  cluster?: string;
  schedulerFile?: string;
  localDirectory?: string;
  json?: boolean;
}

/**
 * @param words - of the command line after `doctor`
 * @returns the exit code: 1 if workers will not run here
 */
export async function doctor(words: readonly string[]): Promise<number> {
  const program = doctorCommand().parse([...words], { from: "user" });
  const flags = program.opts<DoctorFlags>();
  const findings: Finding[] = [];
  const show = (more: readonly Finding[]) => {
    findings.push(...more);
    if (flags.json !== true) process.stdout.write(more.map(findingText).join(""));
  };
  const batch = batchFinding(process.env);
  if (batch !== null) show([batch]);
  show(await checkMachine(flags.localDirectory ?? defaultWorkFolder()));
  show(await checkScheduler(program.args[0], flags));
  if (flags.json === true) process.stdout.write(`${JSON.stringify(findings, null, 2)}\n`);
  else process.stdout.write(summaryText(findings));
  return findings.some(({ verdict }) => verdict === "fail") ? 1 : 0;
}

function doctorCommand(): Command {
  return new Command("acme-worker doctor")
    .description("Looks whether workers can run on this machine and reach their scheduler.")
    .argument("[scheduler]", "address of the scheduler, such as tls://10.0.0.1:8786")
    .option("--cluster <name>", "name or directory of the cluster (default: ACME_CLUSTER)")
    .option("--scheduler-file <file>", "find the scheduler through its contact file")
    .option("--local-directory <folder>", "where values that do not fit in memory would go")
    .option("--json", "print it for programs")
    .exitOverride();
}

async function checkScheduler(
  address: string | undefined,
  { schedulerFile, cluster = process.env.ACME_CLUSTER }: DoctorFlags,
): Promise<Finding[]> {
  if (address === undefined && schedulerFile === undefined && cluster === undefined) {
    const how = "give --cluster NAME, an address, or --scheduler-file to look at the way to one";
    return [ok("scheduler", `not looked at: ${how}`)];
  }
  const folders = await sharedFindings(schedulerFile, cluster);
  try {
    const found = await findScheduler({
      address,
      schedulerFile,
      cluster,
      security: undefined,
      protocol: undefined,
      deathTimeoutMs: doctorLimits.findMs,
      signal: new AbortController().signal,
      say: () => {},
    });
    return [...folders, ...(await checkWay(found as FoundScheduler))];
  } catch (error) {
    if (!isAcmeError(error)) throw error;
    const advice = "check the name, that the scheduler runs, and that ACME_HOME is the same here";
    return [...folders, fail("scheduler", error.message, advice)];
  }
}

/** The folders through which machines tell each other where the scheduler is. */
async function sharedFindings(
  schedulerFile: string | undefined,
  cluster: string | undefined,
): Promise<Finding[]> {
  const folder = schedulerFile === undefined ? folderOf(cluster) : dirname(resolve(schedulerFile));
  if (folder === null) return [];
  if (existsSync(folder)) return [await folderFinding(folder)];
  const advice = "use a folder that this machine shares with the scheduler's, see ACME_HOME";
  return [fail("shared folder", `${folder} is not seen on this machine`, advice)];
}

/** What is wrong with a cluster's directory is told when its scheduler is looked for. */
function folderOf(cluster: string | undefined): string | null {
  if (cluster === undefined) return null;
  if (cluster.includes("/")) return resolve(cluster);
  try {
    return openClusterDirectory(cluster).folder;
  } catch (error) {
    if (!isAcmeError(error)) throw error;
    return null;
  }
}
