// Where the programs of this command and its results lie. It stands in e2e/dist when it runs, and
// what is in Python stays where it was written.
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../../", import.meta.url));

/** Folder of the Python programs. */
export const programs = `${root}e2e/conformance/`;

export const results = {
  cases: `${root}e2e/results/conformance.json`,
  daskTests: `${root}e2e/results/dask-tests.json`,
};

export const page = `${root}docs/python-conformance.md`;
