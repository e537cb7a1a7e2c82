// A cluster that was left has one taker, and stays when the taker could not use it.
import { mkdtempSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import {
  leaveCluster,
  markerIn,
  type SavedCluster,
  systemAt,
  takeCluster,
} from "./detached-file.js";

function left() {
  const folder = mkdtempSync(join(tmpdir(), "detached-"));
  const contact = { system: "slurm", name: "a", folder, address: "tls://h:1", tag: "acme:a" };
  const saved = { format: 1, contact, wantedJobs: 2, refs: [] } as unknown as SavedCluster;
  return { folder, saved, marker: leaveCluster(saved) };
}

it("is found in its directory and taken once", () => {
  const { folder, saved, marker } = left();
  expect(markerIn(folder)).toBe(marker);
  expect(systemAt(marker)).toBe("slurm");
  const taken = takeCluster(marker);
  expect(taken.saved).toEqual(saved);
  expect(() => takeCluster(marker)).toThrow(expect.objectContaining({ code: "DETACH" }));
  expect(() => markerIn(folder)).toThrow(/no detached cluster/);
  taken.putBack();
  takeCluster(marker).keep();
  expect(readdirSync(folder)).toEqual([]);
});

it("is not taken when another version wrote it", () => {
  const { folder, saved } = left();
  const marker = leaveCluster({ ...saved, format: 2 } as unknown as SavedCluster);
  expect(() => takeCluster(marker)).toThrow(/another version/);
  expect(readdirSync(folder)).toHaveLength(1);
});
