// The partition that is named, or the smallest that suffices: never the nearest below.
import { expect, it } from "vitest";
import { choosePartition, type PartitionChoice } from "./choose-partition.js";
import type { Partition } from "./partitions.js";

const partition = (name: string, nodeMemoryMib: number, isDefault = false): Partition => ({
  name,
  isDefault,
  isUp: true,
  defMemPerCpuMib: null,
  maxMemPerCpuMib: null,
  maxMemPerNodeMib: null,
  qos: null,
  nodeMemoryMib,
  nodeCpus: 8,
});

const sizes = [
  partition("16GBS", 200_000),
  partition("8GBXS", 200_000),
  partition("8GBS", 200_000, true),
  partition("64GBL", 200_000),
  partition("PREPO", 200_000),
];

function choose(choice: Partial<PartitionChoice>, all: readonly Partition[] = sizes): string {
  const fields = { wanted: "auto", needMib: null, excluded: ["PREPO"], cushionMib: 100 };
  return choosePartition(all, { ...fields, sizeInName: /^(\d+)GB/, ...choice }).name;
}

it.each([
  [7000, "8GBS"],
  [7600, "16GBS"],
  [9000, "16GBS"],
  [20_000, "64GBL"],
])("takes for %i MiB the partition %s", (needMib, name) => {
  expect(choose({ needMib })).toBe(name);
});

it("goes by the nodes where names say nothing, and takes no partition that is down", () => {
  const all = [
    { ...partition("tiny", 10_000), isUp: false },
    partition("large", 90_000),
    partition("small", 10_000),
  ];
  expect(choose({ needMib: 5000, sizeInName: null }, all)).toBe("small");
  expect(choose({ needMib: 50_000, sizeInName: null }, all)).toBe("large");
});

it("trusts a name no further than the nodes", () => {
  const all = [partition("64GBL", 4000), partition("128GBL", 120_000)];
  expect(choose({ needMib: 5000 }, all)).toBe("128GBL");
});

it("takes the default where nothing is known of the need", () => {
  expect(choose({})).toBe("8GBS");
});

it("takes what is named, unless it is not there or not for this", () => {
  expect(choose({ wanted: "8GBXS", needMib: 9000 })).toBe("8GBXS");
  const names = /16GBS, 8GBXS, 8GBS, 64GBL$/;
  expect(() => choose({ wanted: "12GB" })).toThrow(names);
  expect(() => choose({ wanted: "PREPO" })).toThrow(names);
});

it("says how much there is when nothing suffices", () => {
  expect(() => choose({ needMib: 1e6 })).toThrow(/1000000 MiB.*more than 60935 MiB/);
  expect(() => choose({}, [])).toThrow(/no partition is up/);
});
