// The container `<f>.h5` of a run: links to the files of its calls, and one array over all of them
// where results have a known shape. Sources are named relative to it, so the folder can be moved.
import {
  type Attributes,
  dataset,
  externalLink,
  file,
  type GroupNode,
  group,
  type Member,
  publishFile,
  type VirtualDatasetNode,
  virtualDataset,
  writeFile,
} from "@acme/hdf5";
import type { FileOutputKind } from "./compute-options.js";
import { OutputExistsError } from "./map-errors.js";
import type { ResultLayout } from "./result-layout.js";
import { payloadFile, type RunFolder } from "./run-folder.js";
import { copiedMembers, copiedStack, wholeAttribute } from "./single-file.js";
import { raggedLengths } from "./stacked-elements.js";
import type { WrittenResult } from "./write-result.js";

/** What the container says about a run. */
export interface ContainerFacts {
  /** The function's name in file names. */
  readonly name: string;
  readonly count: number;
  readonly folder: RunFolder;
  readonly layout: ResultLayout | null;
  readonly kind: FileOutputKind;
  readonly attributes: Attributes;
}

/** The result of each call that is done. */
export type WrittenResults = readonly (WrittenResult | undefined)[];

/**
 * Writes the container of a run that begins; links lead nowhere yet.
 *
 * @throws OutputExistsError if a file has its name already, Hdf5Error for impossible attributes
 */
export async function beginContainer(facts: ContainerFacts): Promise<void> {
  const { container } = facts.folder;
  const { published } = await publishFile(container, await containerTree(facts, undefined));
  if (!published) throw new OutputExistsError(container);
}

/** Replaces the container of a run that goes on, or at its end of a run by one that says what is there. */
export async function endContainer(facts: ContainerFacts, results: WrittenResults): Promise<void> {
  await writeFile(facts.folder.container, await containerTree(facts, results));
}

/** The same with all elements of the one array in the container itself. */
export async function consolidateContainer(
  facts: ContainerFacts & { readonly layout: ResultLayout },
  results: WrittenResults,
): Promise<void> {
  const { payload, container } = facts.folder;
  const ordered = Array.from({ length: facts.count }, (_, i) => results[i]);
  const array = await copiedStack({ payload, layout: facts.layout, results: ordered });
  await writeFile(container, await containerTree(facts, results, array));
}

/** Whether every call has a result, so that nothing is to come. */
export function isWhole({ count }: ContainerFacts, results: WrittenResults): boolean {
  for (let i = 0; i < count; i++) if (results[i] === undefined) return false;
  return true;
}

/** @param results - undefined: nothing is known yet, and everything may come */
async function containerTree(
  facts: ContainerFacts,
  results: WrittenResults | undefined,
  array?: Member,
): Promise<GroupNode> {
  const { kind, layout, folder, count } = facts;
  const ordered = Array.from({ length: count }, (_, i) => results?.[i]);
  const copied = { payload: folder.payload, layout, results: ordered };
  const members = kind === "single" ? await copiedMembers(copied) : linked(facts, results);
  if (array !== undefined) members.set("result_0", array);
  const shapes = ordered.map((result) => result?.shapes?.[0]);
  const lengths = layout === null ? undefined : raggedLengths(layout, shapes);
  if (lengths !== undefined) {
    members.set("result_0_lengths", dataset(BigInt64Array.from(lengths, BigInt)));
  }
  // Marks what can be read here: a call whose value is msgpack is done, but shows as missing.
  const completed = Uint8Array.from({ length: facts.count }, (_, i) => {
    return results?.[i]?.shapes === undefined ? 0 : 1;
  });
  members.set("completed", dataset({ data: completed, shape: [facts.count], dtype: "bool" }));
  const whole = kind === "single" && isWhole(facts, ordered) ? { [wholeAttribute]: 1n } : undefined;
  return file({ members, attributes: { ...facts.attributes, ...whole } });
}

/** Links to the files of calls, and a view over all first results. */
function linked(facts: ContainerFacts, results: WrittenResults | undefined): Map<string, Member> {
  const members = new Map<string, Member>();
  if (facts.layout !== null) members.set("result_0", stacked(facts, facts.layout, results));
  for (let i = 0; i < facts.count; i++) {
    const member = component(facts, i, results);
    if (member !== undefined) members.set(`comp_${i}`, member);
  }
  return members;
}

/** One call: its whole file, or with a stacked `result_0` what it returned besides. */
function component(
  facts: ContainerFacts,
  i: number,
  results: WrittenResults | undefined,
): Member | undefined {
  const source = sourceOf(facts, i);
  const outputs = results?.[i]?.shapes?.length;
  if (facts.layout === null) {
    return results === undefined || outputs !== undefined ? externalLink(source, "/") : undefined;
  }
  if (outputs === undefined || outputs < 2) return undefined;
  const links = Array.from({ length: outputs - 1 }, (_, k): [string, Member] => {
    return [`result_${k + 1}`, externalLink(source, `/result_${k + 1}`)];
  });
  return group({ members: new Map(links) });
}

function stacked(
  facts: ContainerFacts,
  { slot, stackAt, dtype }: ResultLayout,
  results: WrittenResults | undefined,
): VirtualDatasetNode {
  const growsAt = slot.indexOf(Number.POSITIVE_INFINITY);
  const longest = longestAt(growsAt, results);
  const within = (size: number, sizes: readonly number[]) => sizes.toSpliced(stackAt, 0, size);
  const present = slot.map((size, at) => (at === growsAt ? longest : size));
  const zeros = slot.map(() => 0);
  const selection = growsAt < 0 ? {} : { selection: { start: zeros, count: slot } };
  return virtualDataset({
    shape: within(facts.count, present),
    maxShape: within(facts.count, slot),
    dtype,
    sources: Array.from({ length: facts.count }, (_, i) => ({
      file: sourceOf(facts, i),
      dataset: "result_0",
      start: within(i, zeros),
      count: within(1, slot),
      ...selection,
    })),
  });
}

function longestAt(growsAt: number, results: WrittenResults | undefined): number {
  let longest = 0;
  if (growsAt < 0 || results === undefined) return longest;
  for (const result of results) longest = Math.max(longest, result?.shapes?.[0]?.[growsAt] ?? 0);
  return longest;
}

const sourceOf = ({ folder, name }: ContainerFacts, i: number): string =>
  `${folder.payloadName}/${payloadFile(name, i)}`;
