// What SLURM 22.05 printed of the partitions of a farm, and lines of sites with qualities of service.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parsePartitions, parseQosMemory } from "./partitions.js";

const fixture = (name: string) =>
  readFileSync(new URL(`./fixtures/${name}`, import.meta.url), "utf8");

describe("partitions", () => {
  it("have the limits that SLURM prints, and no others", () => {
    const all = parsePartitions(fixture("scontrol-farm.txt"), fixture("sinfo-farm.txt"));
    expect(all.map(({ name }) => name)).toEqual(["8GBXS", "16GBS", "preempt", "urgent"]);
    expect(all[0]).toEqual({
      name: "8GBXS",
      isDefault: true,
      isUp: true,
      defMemPerCpuMib: 500,
      maxMemPerCpuMib: 2000,
      maxMemPerNodeMib: null,
      qos: null,
      nodeMemoryMib: 4000,
      nodeCpus: 2,
    });
    expect(all[1]).toMatchObject({
      isDefault: false,
      defMemPerCpuMib: 1000,
      maxMemPerCpuMib: null,
    });
    expect(all[2]).toMatchObject({ defMemPerCpuMib: null, maxMemPerNodeMib: null });
  });

  it("count by their largest nodes, and are down where SLURM says so", () => {
    const scontrol = [
      "PartitionName=big QoS=big-qos Default=NO State=UP MaxMemPerNode=64000",
      "PartitionName=old QoS=(null) State=DOWN",
      "PartitionName=empty State=UP",
    ].join("\n");
    const sinfo = "big|up|16|64000\nbig|up|32|128000+\nold|down|4|8000\n";
    const [big, old, empty] = parsePartitions(scontrol, sinfo);
    const limits = { nodeMemoryMib: 128_000, nodeCpus: 32, maxMemPerNodeMib: 64_000 };
    expect(big).toMatchObject({ qos: "big-qos", isUp: true, ...limits });
    expect(old).toMatchObject({ qos: null, isUp: false });
    expect(empty).toMatchObject({ isUp: true, nodeMemoryMib: null, nodeCpus: null });
  });

  it.each([
    ["slurm_load_partitions: Unable to contact", ""],
    ["PartitionName=a State=UP", "sinfo: error"],
  ])("are not read from %j and %j", (scontrol, sinfo) => {
    const refused = expect.objectContaining({ code: "BATCH_OUTPUT" });
    expect(() => parsePartitions(scontrol, sinfo)).toThrow(refused);
  });
});

describe("memory of a quality of service", () => {
  it.each([
    ["cpu=8,mem=8G\n", 8192],
    ["mem=500M", 500],
    ["mem=1.50T,node=1", 1_572_864],
    ["mem=2048", 2048],
    ["cpu=8", null],
    ["", null],
  ])("%j is %j MiB", (text, expected) => {
    expect(parseQosMemory(text)).toBe(expected);
  });
});
