// Where the programs of executors lie, and with which options of node they start. Threads and
// processes always run compiled files, also when this package runs from its sources.

/** The compiled programs of executors. */
export const entryFiles = Object.freeze({
  thread: compiled(new URL("./thread-main.js", import.meta.url)),
  process: compiled(new URL("./process-main.js", import.meta.url)),
  translator: compiled(new URL("./translator-main.js", import.meta.url)),
});

function compiled(file: URL): URL {
  file.pathname = file.pathname.replace(/\/src\/exec\/([^/]+)$/, "/dist/bundle/$1");
  return file;
}

const withValue = /^(-e|--eval|-p|--print|-pe|--input-type|--inspect-port)$/;
const alone = /^--(eval|print|input-type|inspect|watch|test|max-old-space-size)(?![^=-])/;
const noConsole = /^(-i|--interactive|-c|--check)$/;
const condition = /^(-C|--conditions)$/;
/** Resolves this repository's packages to their sources, which executors cannot run. */
const sourceCondition = "@acme/source";

/** Options of this process that child processes should have too: loaders, no debugger port. */
export function inheritedExecArgv(execArgv: readonly string[] = process.execArgv): string[] {
  const kept: string[] = [];
  for (let i = 0; i < execArgv.length; i++) {
    const option = execArgv[i] as string;
    if (withValue.test(option)) i++;
    else if (condition.test(option) && execArgv[i + 1] === sourceCondition) i++;
    else if (option === `--conditions=${sourceCondition}`) continue;
    else if (!alone.test(option) && !noConsole.test(option)) kept.push(option);
  }
  return kept;
}

/** Options for threads; undefined where they inherit them all by themselves, which suits best. */
export function threadExecArgv(execArgv: readonly string[] = process.execArgv) {
  const runsSources = execArgv.some((option) => option.endsWith(sourceCondition));
  return runsSources ? inheritedExecArgv(execArgv) : undefined;
}
