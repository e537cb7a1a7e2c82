// Goal: clusters that nobody named leave nothing behind, and take what killed ones left.
import { spawnSync } from "node:child_process";
import { renameSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { createClusterDirectory } from "./cluster-directory.js";
import { listClusters } from "./find-cluster.js";
import { useOwnHome } from "./fixtures/own-home.js";
import { createPassingCluster } from "./passing-cluster.js";

it("goes when it is told to, again and again", () => {
  useOwnHome();
  const cluster = createPassingCluster("local");
  expect(cluster.name).toMatch(new RegExp(`^local-[0-9a-f]{8}-${process.pid}-[0-9a-f]{8}$`));
  expect(listClusters()).toEqual([cluster.name]);
  cluster.remove();
  cluster.remove();
  expect(listClusters()).toEqual([]);
});

it("sweeps those of dead processes of this machine, and no others", () => {
  const clusters = useOwnHome();
  const { pid: dead } = spawnSync("true");
  const mine = createPassingCluster("local");
  const [, space] = mine.name.split("-");
  createClusterDirectory("analysis");
  const called = (name: string) => {
    const { folder } = createClusterDirectory("fresh");
    renameSync(folder, join(clusters, name));
    return name;
  };
  called(`local-${space}-${dead}-0123abcd`);
  called(`scheduler-${space}-${dead}-0123abcd`);
  const elsewhere = called(`local-00000000-${dead}-0123abcd`);
  const next = createPassingCluster("scheduler");
  const kept = [elsewhere, mine.name, next.name, "analysis"].sort();
  expect(listClusters()).toEqual(kept);
});
