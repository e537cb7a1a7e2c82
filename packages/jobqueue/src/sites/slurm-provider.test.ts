// Which site a map's own cluster is set up for, and how its wishes become those of a setup.
import { expect, it } from "vitest";
import { setupFor, siteOf } from "./slurm-provider.js";

it("takes a site by the names of its machines, and a plain SLURM elsewhere", () => {
  expect(siteOf("esi-svhpc18").name).toBe("esiClusterSetup");
  expect(siteOf("bic-svhpc3").name).toBe("bicClusterSetup");
  expect(siteOf("login1").name).toBe("slurmClusterSetup");
});

it("asks for a worker per call, but not for thousands unasked", () => {
  expect(setupFor({ calls: 7 }).nWorkers).toBe(7);
  expect(setupFor({ calls: 0 }).nWorkers).toBe(1);
  expect(setupFor({ calls: 5000 }).nWorkers).toBe(100);
  expect(setupFor({ calls: 5000, workers: 400 }).nWorkers).toBe(400);
  expect(setupFor({}).nWorkers).toBeUndefined();
});

it("hands on how long to wait, and whether to ask", () => {
  const wish = { calls: 1, setupTimeout: 5, interactive: false, partition: "auto" };
  expect(setupFor(wish)).toMatchObject({ timeout: 5, interactive: false, partition: "auto" });
});
