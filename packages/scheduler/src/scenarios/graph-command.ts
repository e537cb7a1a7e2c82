// Graphs in scenarios: `graph c1 x y(x) z(x,y) want=z`, native or, with `python`, a foreign one
// that is unfolded at once.
import { type ConstraintSpec, type NativeGraph, Serialized, type TaskKey } from "@acme/protocol";
import type { ForeignGraph } from "../core/index.js";
import type { Command } from "./script.js";

interface Node {
  key: string;
  needs: string[];
}

/** `x[3]` stands for x-0, x-1, x-2; `y(x)` needs x. */
function nodesOf(words: readonly string[]): Node[] {
  return words.flatMap((word) => {
    const [, name = word, count, needs] = /^([^([]+)(?:\[(\d+)\])?(?:\((.*)\))?$/.exec(word) ?? [];
    const dependencies = needs === undefined || needs === "" ? [] : needs.split(",");
    if (count === undefined) return [{ key: name, needs: dependencies }];
    return Array.from({ length: Number(count) }, (_, i) => ({
      key: `${name}-${i}`,
      needs: dependencies,
    }));
  });
}

export function pairs(text: string | undefined): Map<string, number> | undefined {
  if (text === undefined) return undefined;
  return new Map(
    text.split(",").map((one) => {
      const [name = "", amount = "1"] = one.split(":");
      return [name, Number(amount)];
    }),
  );
}

function constraintOf({ options, words }: Command): ConstraintSpec {
  const workers = options.get("workers")?.split(",");
  const resources = pairs(options.get("resources"));
  const slots = options.get("slots");
  return {
    ...(workers === undefined ? {} : { workers }),
    ...(resources === undefined ? {} : { resources }),
    ...(slots === undefined ? {} : { slots: Number(slots) }),
    ...(words.includes("loose") ? { allow_other_workers: true } : {}),
  };
}

const switches = new Set(["loose", "python", "template-needs-first"]);

export function isPython(command: Command): boolean {
  return command.words.includes("python");
}

const taskWords = ({ words }: Command): string[] =>
  words.slice(1).filter((word) => !switches.has(word));

export function nativeGraph(command: Command): NativeGraph {
  const nodes = nodesOf(taskWords(command));
  const keys = nodes.map((node) => node.key);
  const external: string[] = [];
  const offsets = [0];
  const indices: number[] = [];
  for (const { needs } of nodes) {
    for (const need of needs) {
      let at = keys.indexOf(need);
      if (at < 0) {
        at = external.indexOf(need);
        if (at < 0) at = external.push(need) - 1;
        at += keys.length;
      }
      indices.push(at);
    }
    offsets.push(indices.length);
  }
  const constraint = constraintOf(command);
  const restricted = Object.keys(constraint).length > 0;
  const want = command.options.get("want");
  const desired = want?.split(",").map((key) => keys.indexOf(key)) ?? "all";
  return {
    templates: [{ id: "f", name: "f", body: Serialized.acme([]), dependencies: [] }],
    keys,
    external,
    template_of: 0,
    slab_tasks: Math.max(1, keys.length),
    items: Serialized.acme(keys.length === 0 ? [] : slab(keys.length)),
    buffers: null,
    buffer_of: new Map(),
    dependencies: indices.length === 0 ? null : Serialized.acme([words(offsets), words(indices)]),
    desired,
    constraints: restricted ? [constraint] : [],
    constraint_of: restricted ? 0 : -1,
    retries: Number(command.options.get("retries") ?? 0),
    user_priority: Number(command.options.get("priority") ?? 0),
  };
}

const words = (numbers: readonly number[]): Uint8Array =>
  new Uint8Array(Uint32Array.from(numbers).buffer);

function slab(count: number): Uint8Array[] {
  return [words(Array.from({ length: count + 1 }, (_, i) => i)), new Uint8Array(count)];
}

export function foreignGraph(command: Command): ForeignGraph {
  const { keys, external, dependencies } = nativeGraph(command);
  const [offsets, indices] = (dependencies?.frames ?? []).map((one) => new Uint32Array(one.buffer));
  const { workers, resources, allow_other_workers } = constraintOf(command);
  const demands = { workers, resources, allow_other_workers };
  const asked = Object.entries(demands).filter(([, value]) => value !== undefined);
  const retries = Number(command.options.get("retries") ?? 0);
  const rows = offsets === undefined || indices === undefined ? null : { offsets, indices };
  const ends = Uint32Array.from({ length: keys.length + 1 }, (_, i) => i);
  return {
    keys: keys as TaskKey[],
    externals: external as TaskKey[],
    rows,
    ranks: null,
    producers: null,
    javascript: null,
    annotations: [new Map<string, unknown>([["retries", retries], ...asked])],
    annotationOf: new Int32Array(keys.length),
    slabs: [{ offsets: ends, bytes: new Uint8Array(keys.length), references: null, buffers: null }],
  };
}

/** Keys of a foreign graph that stand for actors. */
export function actorsOf({ options }: Command): TaskKey[] | undefined {
  return options.get("actor")?.split(",") as TaskKey[] | undefined;
}

/** What a foreign graph asks for. */
export function wantedKeys(command: Command): string[] {
  const keys = nodesOf(taskWords(command)).map((node) => node.key);
  return command.options.get("want")?.split(",") ?? keys;
}
