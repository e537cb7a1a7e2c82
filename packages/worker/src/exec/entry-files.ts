// Where the programs of executors lie, and with which options of node they start. Threads and
// processes always run compiled files, also when this package runs from its sources.
import { fileURLToPath } from "node:url";

/** The compiled program of an executor. */
export function entryFile(name: "thread-main" | "process-main"): URL {
  const here = new URL(`./${name}.js`, import.meta.url);
  here.pathname = here.pathname.replace(/\/src\/exec\/([^/]+)$/, "/dist/exec/$1");
  return here;
}

export const entryPath = (name: "thread-main" | "process-main"): string =>
  fileURLToPath(entryFile(name));

const withValue = /^(-e|--eval|-p|--print|-pe|--input-type|--inspect-port|-C|--conditions)$/;
const alone =
  /^(--eval|--print|--input-type|--inspect|--watch|--test|--max-old-space-size|--conditions)\b/;
const noConsole = /^(-i|--interactive|-c|--check)$/;

/** Options of this process that its executors should have too: loaders, flags, no debugger port. */
export function inheritedExecArgv(execArgv: readonly string[] = process.execArgv): string[] {
  const kept: string[] = [];
  for (let i = 0; i < execArgv.length; i++) {
    const option = execArgv[i] as string;
    if (withValue.test(option)) i++;
    else if (!alone.test(option) && !noConsole.test(option)) kept.push(option);
  }
  return kept;
}
