// From options and configuration to one resolved job: options win, then `jobqueue.<system>` in the
// configuration, by dask-jobqueue's names, then what is built in. Looks nothing up by itself.
import type { Config } from "@acme/config";
import type { BatchSystem } from "../drivers/driver.js";
import { JobOptionError } from "../errors.js";
import type { JobOptions } from "./job-options.js";
import type { ResolvedJob } from "./resolved-job.js";
import {
  type Found,
  optionalText,
  readBytes,
  readDurationMs,
  readFlag,
  readLines,
  readNumbers,
  readTexts,
  wholeNumber,
} from "./settings.js";
import { walltimeMsOf } from "./walltime.js";

export interface ResolveContext {
  readonly system: BatchSystem;
  readonly config: Config;
  /** Absolute path of this process's node. */
  readonly nodePath: string;
  /** Where the jobs' own output goes unless said otherwise. */
  readonly logDirectory: string;
}

/** Under which names dask-jobqueue keeps each option; the first that is set counts. */
const names: { readonly [K in keyof JobOptions]-?: readonly string[] } = {
  cores: ["cores"],
  memory: ["memory"],
  processes: ["processes"],
  queue: ["queue"],
  account: ["account"],
  project: ["project"],
  walltime: ["walltime"],
  jobCpu: ["job-cpu"],
  jobMemory: ["job-mem"],
  resourceSpec: ["resource-spec"],
  gpus: ["gpus"],
  jobName: ["name"],
  jobExtraDirectives: ["job-extra-directives", "job-extra"],
  jobDirectivesSkip: ["job-directives-skip", "header-skip"],
  jobScriptPrologue: ["job-script-prologue", "env-extra"],
  jobScriptEpilogue: ["job-script-epilogue"],
  shebang: ["shebang"],
  logDirectory: ["log-directory"],
  localDirectory: ["local-directory"],
  interface: ["interface"],
  env: ["env"],
  deathTimeout: ["death-timeout"],
  nanny: ["nanny"],
  // dask's own are arguments of another program; ours stand under a name of ours.
  workerExtraArgs: ["acme-worker-extra-args"],
  nodePath: ["node-path"],
  python: ["python-workers"],
  requeue: ["requeue"],
  resources: ["resources"],
};

/**
 * @throws JobOptionError naming the option
 */
export function resolveJob(options: JobOptions, context: ResolveContext): ResolvedJob {
  for (const name of Object.keys(options)) {
    if (name in names) continue;
    const known = Object.keys(names).join(", ");
    throw new JobOptionError(name, `there is no such option; there are ${known}`);
  }
  const find = (name: keyof JobOptions): Found => lookUp(name, options, context);
  const cores = wholeNumber(find("cores"), 1);
  if (cores === null) {
    throw new JobOptionError("cores", "say how many cores a job has, here or in the configuration");
  }
  const processes = wholeNumber(find("processes"), 1) ?? 1;
  if (processes > cores) {
    throw new JobOptionError("processes", `${processes} of them cannot share ${cores} cores`);
  }
  const walltime = find("walltime");
  return {
    cores,
    processes,
    memoryBytes: readBytes(find("memory")),
    ...requested(find),
    walltime: typeof walltime.value === "string" ? walltime.value : null,
    walltimeMs: walltimeMsOf(walltime),
    ...around(find),
    ...ofWorkers(find, context),
  };
}

type Find = (name: keyof JobOptions) => Found;

function requested(find: Find) {
  return {
    jobName: optionalText(find("jobName")) ?? "acme-worker",
    queue: optionalText(find("queue")),
    account: optionalText(find("account")),
    project: optionalText(find("project")),
    jobCpu: wholeNumber(find("jobCpu"), 1),
    jobMemory: optionalText(find("jobMemory")),
    resourceSpec: optionalText(find("resourceSpec")),
    gpus: wholeNumber(find("gpus"), 0) ?? 0,
    requeue: readFlag(find("requeue")) ?? false,
  };
}

function around(find: Find) {
  return {
    directives: readLines(find("jobExtraDirectives")),
    skip: readLines(find("jobDirectivesSkip")),
    prologue: readLines(find("jobScriptPrologue")),
    epilogue: readLines(find("jobScriptEpilogue")),
    shebang: optionalText(find("shebang")) ?? "#!/usr/bin/env bash",
  };
}

function ofWorkers(find: Find, context: ResolveContext) {
  const logs = find("logDirectory");
  const deathTimeoutMs = readDurationMs(find("deathTimeout"));
  return {
    logDirectory: logs.value === false ? null : (optionalText(logs) ?? context.logDirectory),
    localDirectory: optionalText(find("localDirectory")),
    interface: optionalText(find("interface")),
    env: readTexts(find("env")),
    deathTimeoutMs: deathTimeoutMs ?? 60_000,
    nanny: readFlag(find("nanny")) ?? true,
    workerExtraArgs: readLines(find("workerExtraArgs")),
    nodePath: optionalText(find("nodePath")) ?? context.nodePath,
    python: pythonOf(find("python")),
    resources: readNumbers(find("resources")),
  };
}

function pythonOf({ name, value }: Found): ResolvedJob["python"] {
  if (value === null) return null;
  const { workers, executable, threadsPerWorker } = Object(value) as Record<string, unknown>;
  const part = (field: string, given: unknown): Found => ({
    name: `${name}.${field}`,
    value: given ?? null,
  });
  const count = wholeNumber(part("workers", workers), 1);
  if (count === null) throw new JobOptionError(`${name}.workers`, "say how many there are");
  return {
    workers: count,
    executable: optionalText(part("executable", executable)) ?? "python3",
    threadsPerWorker: wholeNumber(part("threadsPerWorker", threadsPerWorker), 1) ?? 1,
  };
}

function lookUp(name: keyof JobOptions, options: JobOptions, context: ResolveContext): Found {
  const given = options[name];
  if (given !== undefined) return { name, value: given };
  for (const key of names[name]) {
    const path = `jobqueue.${context.system}.${key}`;
    const value = context.config.get<unknown>(path, null);
    // An empty list under the new name leaves the old name its chance, as in dask-jobqueue.
    if (value === null || (Array.isArray(value) && value.length === 0)) continue;
    return { name: path, value };
  }
  return { name, value: null };
}
