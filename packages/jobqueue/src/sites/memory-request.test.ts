// Requests within the limits of partitions: with and without accounting, defaults and maxima.
import { describe, expect, it } from "vitest";
import { type RequestWish, resolveRequest } from "./memory-request.js";
import type { Partition } from "./partitions.js";

const bare: Partition = {
  name: "p",
  isDefault: true,
  isUp: true,
  defMemPerCpuMib: null,
  maxMemPerCpuMib: null,
  maxMemPerNodeMib: null,
  qos: null,
  nodeMemoryMib: null,
  nodeCpus: null,
};

function resolve(
  wish: Partial<RequestWish>,
  partition: Partial<Partition>,
  qosMemoryMib: number | null = null,
) {
  const full = { memPerWorker: "auto", coresPerWorker: null, cushionMib: 100, ...wish };
  return resolveRequest(full, { partition: { ...bare, ...partition }, qosMemoryMib });
}

const node = { nodeMemoryMib: 64_000, nodeCpus: 16 };

describe("a worker that does not ask", () => {
  it("gets what the quality of service allows, and the cores that go with it", () => {
    const request = resolve({}, { defMemPerCpuMib: 4000, ...node }, 8192);
    expect(request).toEqual({ memoryMib: 8092, cores: 2, warnings: [] });
  });

  it("gets a core's most where there is no accounting", () => {
    const partition = { defMemPerCpuMib: 500, maxMemPerCpuMib: 2000, ...node };
    expect(resolve({}, partition)).toMatchObject({ memoryMib: 1900, cores: 1 });
    expect(resolve({ coresPerWorker: 3 }, partition)).toMatchObject({ memoryMib: 5900, cores: 3 });
  });

  it("gets a core's share of a node where nothing is set", () => {
    expect(resolve({}, node)).toMatchObject({ memoryMib: 3900, cores: 1 });
    expect(resolve({ coresPerWorker: 4 }, node)).toMatchObject({ memoryMib: 15_900, cores: 4 });
  });

  it("asks for no memory where nothing is known", () => {
    expect(resolve({}, {})).toEqual({ memoryMib: null, cores: 1, warnings: [] });
  });

  it("stays below what a node has", () => {
    const small = { nodeMemoryMib: 4000, nodeCpus: 2 };
    expect(resolve({}, small, 8192)).toMatchObject({ memoryMib: 3900, warnings: [] });
  });
});

describe("a worker that asks", () => {
  it("gets as many cores as SLURM would allot for its memory", () => {
    const partition = { defMemPerCpuMib: 500, maxMemPerCpuMib: 2000, ...node };
    const request = resolve({ memPerWorker: "5000 MiB", cushionMib: 0 }, partition);
    expect(request).toEqual({ memoryMib: 5000, cores: 5, warnings: [] });
    const sparing = resolve(
      { memPerWorker: "5000 MiB", cushionMib: 0 },
      { ...partition, ...{ defMemPerCpuMib: 9000 } },
    );
    expect(sparing.cores).toBe(3);
  });

  it("is told when it asks for too much, and gets the most", () => {
    const partition = { maxMemPerCpuMib: 2000, ...node };
    const request = resolve({ memPerWorker: "3 GB", coresPerWorker: 1 }, partition);
    expect(request.memoryMib).toBe(1900);
    expect(request.warnings).toEqual([expect.stringContaining("using 1900 MiB")]);
    expect(resolve({ memPerWorker: "1 TB" }, {}, 8192).memoryMib).toBe(8092);
  });

  it("gets just what it asks for where it fits", () => {
    const request = resolve({ memPerWorker: "1 GiB", coresPerWorker: 2 }, node);
    expect(request).toEqual({ memoryMib: 1024, cores: 2, warnings: [] });
  });

  it.each(["much", 0, -1, ""])("is refused when it asks for %j", (memPerWorker) => {
    expect(() => resolve({ memPerWorker }, node)).toThrow(
      expect.objectContaining({ code: "JOB_OPTION", option: "memPerWorker" }),
    );
  });
});
