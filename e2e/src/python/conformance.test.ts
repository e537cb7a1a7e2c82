// Goal: unmodified Python programs give on our scheduler what they gave on dask's own. Method: some
// of the programs of `pnpm conformance`, compared with the record that the whole command left.
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { install } from "../../bench/incumbent.js";
import { type Comparison, compare } from "../../dist/conformance/compare.js";
import { explained } from "../../dist/conformance/differences.js";
import { skipWithReason } from "../skip-with-reason.js";

const record = new URL("../../results/conformance.json", import.meta.url);
/** Together they have most kinds of requests, and none takes long. */
const chosen = ["coordination", "asynchronous"];

it("runs programs of both kinds of clients", { timeout: 240_000 }, async (context) => {
  let python = "";
  try {
    python = install("python", ["distributed", "dask", "numpy", "pandas", "pyarrow"]).python;
  } catch (error) {
    skipWithReason(context, "dask cannot be installed here", error);
  }
  const dask = JSON.parse(readFileSync(record, "utf8")) as Comparison;
  const found = await compare({
    python,
    sides: [dask, "acme"],
    isWanted: ({ topic, ownCluster }) => chosen.includes(topic) && !ownCluster,
  });
  const odd = found.cases.filter((one) => one.verdict === "differs" && !explained(one));
  expect(odd.map(({ topic, name, note }) => `${topic}: ${name}: ${note}`)).toEqual([]);
  expect(found.caseCounts.same).toBeGreaterThan(40);
});
