// Reads the XML that `qstat -xml` prints of Grid Engine's jobs.
// Must not know how it was asked for.
import { createRequire } from "node:module";
import type { XmlElement } from "@rgrove/parse-xml";
import { BatchOutputError } from "../errors.js";
import type { BatchState, JobStatus } from "./driver.js";
import { parseRanges } from "./index-ranges.js";

/** Loaded when it is needed: few have Grid Engine, and all import this package. */
const require = createRequire(import.meta.url);
const library = () => require("@rgrove/parse-xml") as typeof import("@rgrove/parse-xml");

/** @throws BatchOutputError also when it was cut, which would let jobs look as if they were over */
export function parseQstatXml(stdout: string): JobStatus[] {
  const { root } = documentOf(stdout);
  if (root?.name !== "job_info") {
    throw new BatchOutputError("qstat -xml", stdout, "it is no job_info");
  }
  return childrenOf(root)
    .flatMap((list) => childrenOf(list))
    .filter(({ name }) => name === "job_list")
    .flatMap((job) => statusesOf(job));
}

function documentOf(stdout: string) {
  const xml = library();
  try {
    return xml.parseXml(stdout);
  } catch (error) {
    if (!(error instanceof xml.XmlError)) throw error;
    throw new BatchOutputError("qstat -xml", stdout, "it is no whole XML");
  }
}

const childrenOf = ({ children }: XmlElement): XmlElement[] =>
  children.filter((child) => child instanceof library().XmlElement);

function statusesOf(job: XmlElement): JobStatus[] {
  const fields = new Map(childrenOf(job).map(({ name, text }) => [name, text.trim()]));
  const field = (name: string): string => fields.get(name) ?? "";
  const jobId = field("JB_job_number");
  if (!/^\d+$/.test(jobId)) {
    throw new BatchOutputError("qstat -xml", job.text, "a job has no number");
  }
  const word = field("state");
  const started = Date.parse(field("JAT_start_time"));
  const status = {
    state: stateOf(word),
    outcome: null,
    word,
    reason: word.includes("E") ? "the job is in an error state: see qstat -j" : "",
    isHopeless: false,
    exitCode: null,
    signal: null,
    nodes: field("queue_name").split("@")[1] ?? "",
    startMs: Number.isNaN(started) ? null : started,
    endMs: null,
    restarts: /R/.test(word) ? 1 : 0,
    comment: "",
  };
  return indicesOf(field("tasks")).map((index) => ({ ...status, ref: { jobId, index } }));
}

/** One element, or those of an array that wait: `2-12:1`. */
function indicesOf(tasks: string): (number | null)[] {
  if (tasks === "") return [null];
  const indices = parseRanges(tasks);
  if (indices !== null) return indices;
  throw new BatchOutputError("qstat -xml", tasks, "these are no indices of an array");
}

// Letters may be combined: `hqw` is held and waiting, `dr` runs and is being deleted.
function stateOf(word: string): BatchState {
  if (word.includes("d")) return "ending";
  if (word.includes("h") || word.includes("E")) return "held";
  if (/[rsST]/.test(word)) return "running";
  return word.includes("t") ? "starting" : "pending";
}
