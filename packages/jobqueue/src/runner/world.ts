// The processes that one `srun` started, and which of them this one is, from SLURM's environment.
// Must not know what the roles do.
import { NotUnderSrunError, WorldTooSmallError } from "../errors.js";

export type Role = "scheduler" | "client" | "worker";

/** What a process of a runner knows of the others. */
export interface RunnerWorld {
  readonly jobId: string;
  /** One job may have several steps at once, each a world of its own. */
  readonly stepId: string;
  /** How often SLURM has started the job anew, under the same number. */
  readonly restarts: number;
  /** This process among all, from 0. */
  readonly rank: number;
  readonly size: number;
  readonly role: Role;
  /** Processes that become workers. */
  readonly nWorkers: number;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * @param hasClient - whether one process runs the user's program
 * @throws NotUnderSrunError, WorldTooSmallError
 */
export function readWorld(env: Environment, hasClient: boolean): RunnerWorld {
  const names = ["SLURM_JOB_ID", "SLURM_STEP_ID", "SLURM_PROCID", "SLURM_NTASKS"] as const;
  const missing = names.filter((name) => env[name] === undefined || env[name] === "");
  if (missing.length > 0) throw new NotUnderSrunError(missing);
  const [jobId, stepId, rank, size] = names.map((name) => env[name] as string) as [
    string,
    string,
    string,
    string,
  ];
  const others = hasClient ? 2 : 1;
  const world = { rank: Number(rank), size: Number(size), nWorkers: Number(size) - others };
  if (world.nWorkers < 1) throw new WorldTooSmallError(world.size, others + 1);
  const restarts = Number(env.SLURM_RESTART_COUNT ?? 0);
  return { ...world, jobId, stepId, restarts, role: roleOf(world.rank, hasClient) };
}

function roleOf(rank: number, hasClient: boolean): Role {
  if (rank === 0) return "scheduler";
  return rank === 1 && hasClient ? "client" : "worker";
}

/** What no other run has: job numbers stay when a job is started anew. */
export interface RunIdentity {
  /** Of the job and the step. */
  readonly jobId: string;
  readonly restarts: number;
}

export const identityOf = ({ jobId, stepId, restarts }: RunnerWorld): RunIdentity => ({
  jobId: `${jobId}.${stepId}`,
  restarts,
});

/** `{job_id}` and `{step_id}` filled in. */
export function fillIn(path: string, { jobId, stepId }: RunnerWorld): string {
  const values = new Map([
    ["job_id", jobId],
    ["step_id", stepId],
  ]);
  return path.replace(/\{(\w+)\}/g, (all, name) => values.get(name) ?? all);
}

/** What SLURM has given to each process: cores, and memory if it counts that. */
export function shareOf(env: Environment): { cores: number; memoryMib: number | null } {
  const cores = Math.max(1, Number(env.SLURM_CPUS_PER_TASK ?? 1));
  const perCpu = Number(env.SLURM_MEM_PER_CPU ?? 0);
  if (perCpu > 0) return { cores, memoryMib: perCpu * cores };
  const perNode = Number(env.SLURM_MEM_PER_NODE ?? 0);
  if (perNode === 0) return { cores, memoryMib: null };
  // `2(x3),1`: the fullest node counts.
  const counts = (env.SLURM_STEP_TASKS_PER_NODE ?? "1").replace(/\(x\d+\)/g, "").split(",");
  return { cores, memoryMib: Math.floor(perNode / Math.max(1, ...counts.map(Number))) };
}
