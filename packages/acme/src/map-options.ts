// The words of `acme map`, `acme resume` and `acme results`: which there are and what people read
// about them. What they do is told from outside.
import { type Command, InvalidArgumentError, Option } from "commander";
import type { GivenInput } from "./map-words.js";

/** What all three can be told of where a map runs. */
export interface ClusterFlags {
  workers?: number;
  partition?: string;
  mem?: string;
  cluster?: string;
  scheduler?: string;
  onError: "throw" | "continue" | "fail-fast";
  retries?: number;
  timeLimit?: number;
  setupTimeout?: number;
  /** False: nobody is asked anything. */
  interactive: boolean;
  acceptNewCode?: boolean;
  paths?: boolean;
  quiet?: boolean;
}

export interface MapFlags extends ClusterFlags {
  command?: string;
  inputs: readonly GivenInput[];
  times?: number;
  output: "files" | "single" | "serialized" | "memory" | "none";
  outputDir?: string;
  resultShape?: string;
  resultDtype?: string;
  reads?: "text" | "lines" | "json" | "numbers" | "none";
  exitCodes?: readonly number[];
  env: Readonly<Record<string, string>>;
  cwd?: string;
  stdin?: string;
  log?: string;
}

export interface ResumeFlags extends ClusterFlags {
  name?: string;
  function?: string;
}

export interface ResultsFlags {
  name?: string;
  json?: boolean;
  paths?: boolean;
  verify?: boolean;
  consolidate?: boolean;
}

/** What the commands do. */
export interface MapActions {
  map(target: string | undefined, flags: MapFlags): Promise<void>;
  resume(folder: string, flags: ResumeFlags): Promise<void>;
  results(folder: string, flags: ResultsFlags): Promise<void>;
}

const mapHelp = `
Inputs, in the order of the function's parameters:
  --input 0:21            numbers from 0 up to 21, which is left out; 0:21:3 in steps of 3
  --input 1,2,3           values; numbers where they are written as such
  --input values.json     the entries of a list; so does '[[1,2],[3,4]]'
  --input @subjects.txt   the lines of a file; @- those of standard input
  --share 0.5             one value for all calls; JSON and files too
  --input subject=@s.txt  a field of an object, which is the last argument

Examples:
  acme map ./analysis.ts#computeConnectome --input 0:21 --workers 4 --result-shape 28,28,_
  acme map --command "recon-all -s {subject} -all" --reads none --input subject=@subjects.txt \\
    --log logs/{subject}.log --partition 16GBL --mem "16 GB"
  acme map --command "Rscript fit.R {0}" --reads numbers --input 1:100 --result-shape _,3

Standard output gets the path of the results alone (with --output memory: one JSON value per line).
Exit code: 0 all is done, 1 calls failed, 2 the words make no sense, 130 Ctrl-C.`;

export function addMapCommands(acme: Command, actions: MapActions): void {
  addMap(acme, actions);
  addResume(acme, actions);
  addResults(acme, actions);
}

function addMap(acme: Command, actions: MapActions): void {
  const inputs: GivenInput[] = [];
  const noteInput = (isShared: boolean) => (text: string) => {
    inputs.push({ text, isShared });
    return inputs;
  };
  const map = acme
    .command("map")
    .description("call a function, or a program, once per input on a cluster")
    .argument(
      "[function]",
      "module and export, as ./analysis.ts#compute; the default one without #",
    )
    .option("-c, --command <line>", "call this program instead: {0}, {name} are its inputs")
    .option(
      "-i, --input <values>",
      "one value per call; may be given several times",
      noteInput(false),
    )
    .option("-s, --share <value>", "one value for all calls; likewise", noteInput(true))
    .option("--times <n>", "so many calls, where no input says how many", count)
    .option("-o, --output-dir <folder>", "for the results (default: a new ./ACME_<time>)")
    .addOption(
      new Option("--output <kind>", "where results go")
        .choices(["files", "single", "serialized", "memory", "none"])
        .default("files"),
    )
    .option("--result-shape <sizes>", "of all results as one array, as 28,28,_: stacked at _")
    .option("--result-dtype <name>", "numpy's name of the element type");
  addProgram(map);
  addCluster(map);
  map.addHelpText("after", mapHelp).action((target: string | undefined, options) => {
    const given = [...inputs];
    inputs.length = 0;
    return actions.map(target, { env: {}, ...options, inputs: given });
  });
}

function addProgram(map: Command): void {
  map
    .addOption(
      new Option("--reads <kind>", "what the program's output is (default: text)").choices([
        "text",
        "lines",
        "json",
        "numbers",
        "none",
      ]),
    )
    .option("--exit-codes <codes>", "of the program that mean success (default: 0)", codes)
    .option("--env <name=value>", "variable for the program; may be given several times", variable)
    .option("--cwd <folder>", "that the program runs in")
    .option("--stdin <text>", "what the program reads, as {0}")
    .option("--log <file>", "for what the program writes, as logs/{subject}.log");
}

function addResume(acme: Command, actions: MapActions): void {
  const resume = acme
    .command("resume")
    .description("go on with a run: compute what is missing or failed, and nothing else")
    .argument("<folder>", "of the run")
    .option("--name <function>", "where the folder holds runs of several")
    .option("--function <function>", "as it is now, after a change: ./analysis.ts#compute");
  addCluster(resume);
  resume.action((folder: string, options) => actions.resume(folder, options));
}

function addResults(acme: Command, actions: MapActions): void {
  acme
    .command("results")
    .description("show what is in the folder of a run, and what failed")
    .argument("<folder>", "of the run")
    .option("--name <function>", "where the folder holds runs of several")
    .option("--json", "print it for programs, to stdout")
    .option("--paths", "print the paths of result files, to stdout")
    .option("--verify", "read all files and compare checksums; exit code 1 if one is not whole")
    .option("--consolidate", "copy all results into the container, as one array")
    .action((folder: string, options) => actions.results(folder, options));
}

function addCluster(command: Command): void {
  command
    .option("-w, --workers <n>", "of a cluster that is started for it", count)
    .option("-p, --partition <name>", "where that cluster's jobs go")
    .option("-m, --mem <size>", 'memory of its workers, as "8 GB"')
    .option("--setup-timeout <seconds>", "that its first worker may take", seconds)
    .option("--no-interactive", "ask nothing, also on a terminal")
    .option("--cluster <name>", "use this one of your clusters, see acme list")
    .option("--scheduler <address>", "use the cluster at this address")
    .addOption(
      new Option("--on-error <what>", "what a failed call does to the others")
        .choices(["throw", "continue", "fail-fast"])
        .default("throw"),
    )
    .option("--retries <n>", "further attempts of a call that failed", count)
    .option("--time-limit <seconds>", "that one attempt of a call may take", seconds)
    .option("--accept-new-code", "keep results of an earlier version of the function")
    .option("--paths", "print the path of each call's result instead of the container's")
    .option("-q, --quiet", "tell nothing but errors");
}

function count(text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  throw new InvalidArgumentError("Give a whole number.");
}

function seconds(text: string): number {
  if (Number(text) > 0) return Number(text);
  throw new InvalidArgumentError("Give seconds, above 0.");
}

function codes(text: string): number[] {
  return text.split(",").map(count);
}

function variable(text: string, before: Readonly<Record<string, string>> = {}) {
  const at = text.indexOf("=");
  if (at < 1) throw new InvalidArgumentError("Give NAME=value.");
  return { ...before, [text.slice(0, at)]: text.slice(at + 1) };
}
