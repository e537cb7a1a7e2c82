// Runs before every file of end-to-end tests: clusters of files that run side by side neither see
// nor end each other's.
import { join } from "node:path";

const { ACME_HOME: home = "", VITEST_POOL_ID: turn = "" } = process.env;
process.env.ACME_HOME = join(home, turn);
