// The one build: compiles every package, then makes the bundles that programs and users load.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { bundlePackages } from "./bundle.mjs";

const tsc = fileURLToPath(new URL("./node_modules/.bin/tsc", import.meta.url));
const { status } = spawnSync(tsc, ["-b"], { stdio: "inherit" });
if (status === 0) await bundlePackages();
else process.exitCode = status ?? 1;
