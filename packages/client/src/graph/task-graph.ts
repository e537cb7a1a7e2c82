// Explicit graphs and delayed calls to batches, every task after those it needs. Tasks that are
// only needed by others are not desired.
import { type TaskKey, taskKey } from "@acme/protocol";
import { ArgumentError } from "../errors.js";
import { batchOptions, type TaskOptions } from "../task-options.js";
import type { CallBatch, PackedValue } from "./call-batch.js";
import { Delayed } from "./delayed.js";
import { packCalls } from "./pack.js";
import { KeyReference, type NameRemote, type RemoteValue } from "./references.js";
import { type AnyFunction, type MakeTemplate, templatesOfGraph } from "./templates.js";

/** A task `[fn, ...args]` of an explicit graph, or a plain value. */
export type GraphTask = readonly [AnyFunction, ...unknown[]] | unknown;

/** Tasks by key, as dask's low-level graphs; see {@link ref} for how they refer to each other. */
export type TaskGraph = Readonly<Record<string, GraphTask>>;

interface Node {
  readonly key: TaskKey;
  readonly fn: AnyFunction;
  readonly args: readonly unknown[];
  readonly options: TaskOptions;
}

/** Everything below the given calls, and the calls themselves. */
export async function packDelayed(
  roots: readonly Delayed[],
  name: NameRemote,
): Promise<CallBatch[]> {
  const found = new Map<TaskKey, Delayed>(roots.map((root) => [root.key, root]));
  const desired = new Set(found.keys());
  const batches = new Map<TaskKey, CallBatch>();
  const templates = templatesOfGraph();
  let fresh = [...found.values()];
  while (fresh.length > 0) {
    const next: Delayed[] = [];
    const nameAll: NameRemote = (value: RemoteValue) => {
      if (!(value instanceof Delayed)) return name(value);
      if (!found.has(value.key)) {
        found.set(value.key, value);
        next.push(value);
      }
      return value.key;
    };
    const nameOne = Object.assign(nameAll, { isDask: name.isDask === true });
    const packed = await Promise.all(
      fresh.map((call) => packNode(call, desired, nameOne, templates)),
    );
    for (const batch of packed) batches.set(batch.keys[0] as TaskKey, batch);
    fresh = next;
  }
  return sortByNeed(batches);
}

/**
 * @param desired - keys whose results are wanted
 * @throws ArgumentError for a wanted key that the graph does not have, or a cycle
 */
export async function packTaskGraph(
  graph: TaskGraph,
  desired: ReadonlySet<TaskKey>,
  name: NameRemote,
  options: TaskOptions,
): Promise<CallBatch[]> {
  const nameAll = Object.assign(
    (value: RemoteValue) => (value instanceof KeyReference ? value.key : name(value)),
    { isDask: name.isDask === true },
  );
  const missing = [...desired].filter((key) => !Object.hasOwn(graph, key));
  if (missing.length > 0) {
    throw new ArgumentError(
      `the graph has no task ${missing.join(", ")}, but it is among \`keys\``,
    );
  }
  const nodes = Object.entries(graph).map(([key, task]) => nodeOf(taskKey(key), task, options));
  const templates = templatesOfGraph();
  const packed = await Promise.all(
    nodes.map((node) => packNode(node, desired, nameAll, templates)),
  );
  return sortByNeed(new Map(packed.map((batch) => [batch.keys[0] as TaskKey, batch])));
}

function nodeOf(key: TaskKey, task: GraphTask, options: TaskOptions): Node {
  if (Array.isArray(task) && typeof task[0] === "function") {
    return { key, fn: task[0] as AnyFunction, args: task.slice(1), options };
  }
  return { key, fn: itself, args: [task], options };
}

async function packNode(
  { key, fn, args, options }: Node,
  desired: ReadonlySet<TaskKey>,
  name: NameRemote,
  templates: MakeTemplate,
): Promise<CallBatch> {
  const { template, items } = await packCalls({ fn, rows: [args], shared: [] }, name, templates);
  return {
    template,
    keys: [key],
    items,
    desired: desired.has(key),
    options: batchOptions(options),
  };
}

/** Depth first without recursion, so that a chain of any length is fine. */
function sortByNeed(batches: ReadonlyMap<TaskKey, CallBatch>): CallBatch[] {
  const sorted: CallBatch[] = [];
  const state = new Map<TaskKey, "open" | "done">();
  for (const root of batches.keys()) {
    const stack: TaskKey[] = [root];
    while (stack.length > 0) {
      const key = stack.at(-1) as TaskKey;
      const batch = batches.get(key);
      if (batch === undefined || state.get(key) === "done") {
        stack.pop();
      } else if (state.get(key) === "open") {
        state.set(key, "done");
        sorted.push(batch);
        stack.pop();
      } else {
        state.set(key, "open");
        for (const need of needsOf(batch)) {
          if (state.get(need) === "open")
            throw new ArgumentError(`the graph is a cycle at ${need}`);
          if (state.get(need) === undefined) stack.push(need);
        }
      }
    }
  }
  return sorted;
}

function needsOf({ template, items }: CallBatch): TaskKey[] {
  const refs = (value: PackedValue) => value.refs.map(taskKey);
  return [...refs(template), ...items.flatMap(refs)];
}

const itself = (value: unknown): unknown => value;
