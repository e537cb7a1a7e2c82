// What SLURM's commands say of its partitions, as data: limits, sizes of nodes, quality of service.
// Must not know how the commands are run, nor what is asked for.
import { BatchOutputError } from "../errors.js";

/** A part of a cluster, as far as requests of memory and cores are concerned. */
export interface Partition {
  readonly name: string;
  readonly isDefault: boolean;
  readonly isUp: boolean;
  /** What a job gets per core if it does not ask; null: SLURM is not told. */
  readonly defMemPerCpuMib: number | null;
  /** Asking for more per core makes SLURM allot more cores. */
  readonly maxMemPerCpuMib: number | null;
  readonly maxMemPerNodeMib: number | null;
  readonly qos: string | null;
  /** Memory of its largest node; null: unknown. */
  readonly nodeMemoryMib: number | null;
  /** Cores of that node. */
  readonly nodeCpus: number | null;
}

/** One kind of node: its partition and default mark, state, cores, memory. */
export const sinfoFormat = "%P|%a|%c|%m";

interface NodeKind {
  readonly memoryMib: number;
  readonly cpus: number;
  readonly isUp: boolean;
}

/**
 * @param scontrol - output of `scontrol --oneliner show partition`
 * @param sinfo - output of `sinfo --noheader --exact` in {@link sinfoFormat}
 * @throws BatchOutputError
 */
export function parsePartitions(scontrol: string, sinfo: string): Partition[] {
  const kinds = parseNodeKinds(sinfo);
  const lines = scontrol.split("\n").filter((line) => line.trim() !== "");
  return lines.map((line) => {
    const fields = fieldsOf(line);
    const name = fields.get("PartitionName");
    if (name === undefined) {
      throw new BatchOutputError("scontrol show partition", line, "a line names no partition");
    }
    const largest = kinds.get(name);
    return {
      name,
      isDefault: fields.get("Default") === "YES",
      isUp: fields.get("State") === "UP" && largest?.isUp !== false,
      defMemPerCpuMib: limitOf(fields.get("DefMemPerCPU")),
      maxMemPerCpuMib: limitOf(fields.get("MaxMemPerCPU")),
      maxMemPerNodeMib: limitOf(fields.get("MaxMemPerNode")),
      qos: qosOf(fields.get("QoS")),
      nodeMemoryMib: largest?.memoryMib ?? null,
      nodeCpus: largest?.cpus ?? null,
    };
  });
}

/**
 * The memory that one job of a quality of service may have, in MiB; null: no limit.
 *
 * @param sacctmgr - output of `sacctmgr --parsable2 --noheader show qos ... format=MaxTRES`
 */
export function parseQosMemory(sacctmgr: string): number | null {
  const match = /(?:^|[,|\n])mem=([\d.]+)([KMGTP]?)/i.exec(sacctmgr);
  if (match === null) return null;
  const [, amount = "", unit = ""] = match;
  const power = ["K", "M", "G", "T", "P"].indexOf(unit.toUpperCase() || "M") - 1;
  return Math.floor(Number(amount) * 1024 ** power);
}

function parseNodeKinds(sinfo: string): Map<string, NodeKind> {
  const kinds = new Map<string, NodeKind>();
  for (const line of sinfo.split("\n")) {
    if (line.trim() === "") continue;
    const [marked = "", state = "", cpus = "", memory = ""] = line.split("|");
    const name = marked.trim().replace(/\*$/, "");
    const kind = {
      memoryMib: Number.parseInt(memory, 10),
      cpus: Number.parseInt(cpus, 10),
      isUp: state.trim() === "up",
    };
    if (name === "" || Number.isNaN(kind.memoryMib) || Number.isNaN(kind.cpus)) {
      throw new BatchOutputError("sinfo", line, "a line has other fields than those asked for");
    }
    if ((kinds.get(name)?.memoryMib ?? -1) < kind.memoryMib) kinds.set(name, kind);
  }
  return kinds;
}

const fieldsOf = (line: string): Map<string, string> =>
  new Map([...line.matchAll(/(\S+?)=(\S*)/g)].map(([, name = "", value = ""]) => [name, value]));

/** `UNLIMITED` and 0 mean that there is none. */
function limitOf(text: string | undefined): number | null {
  const limit = Number(text);
  return Number.isFinite(limit) && limit > 0 ? limit : null;
}

const qosOf = (text: string | undefined): string | null =>
  text === undefined || /^(N\/A|\(null\)|)$/.test(text) ? null : text;
