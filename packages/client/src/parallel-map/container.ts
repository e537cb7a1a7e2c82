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
  streamedDataset,
  type VirtualDatasetNode,
  virtualDataset,
  writeFile,
} from "@acme/hdf5";
import { OutputExistsError } from "./map-errors.js";
import { stackedBytes } from "./records/stack-results.js";
import type { ResultLayout } from "./result-layout.js";
import { payloadFile, type RunFolder } from "./run-folder.js";
import type { WrittenResult } from "./write-result.js";

/** What the container says about a run. */
export interface ContainerFacts {
  /** The function's name in file names. */
  readonly name: string;
  readonly count: number;
  readonly folder: RunFolder;
  readonly layout: ResultLayout | null;
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
  const { published } = await publishFile(container, containerTree(facts, undefined));
  if (!published) throw new OutputExistsError(container);
}

/** Replaces the container of a run that goes on, or has ended, by one that says what is there. */
export async function endContainer(facts: ContainerFacts, results: WrittenResults): Promise<void> {
  await writeFile(facts.folder.container, containerTree(facts, results));
}

/** The same with all elements of the one array in the container itself. */
export async function consolidateContainer(
  facts: ContainerFacts & { readonly layout: ResultLayout },
  results: WrittenResults,
): Promise<void> {
  const { layout, count } = facts;
  const present = presentSlot(layout, results);
  const stack = { payload: facts.folder.payload, layout, present, results, count };
  const array = streamedDataset({
    shape: present.toSpliced(layout.stackAt, 0, count),
    dtype: layout.dtype,
    blocks: () => stackedBytes(stack),
  });
  await writeFile(facts.folder.container, containerTree(facts, results, array));
}

/** Shape of one result; where results differ in length, of the longest. */
function presentSlot({ slot }: ResultLayout, results: WrittenResults | undefined): number[] {
  const growsAt = slot.indexOf(Number.POSITIVE_INFINITY);
  return slot.map((size, at) => (at === growsAt ? longestAt(growsAt, results) : size));
}

/** @param results - undefined: nothing is known yet, and everything may come */
function containerTree(
  facts: ContainerFacts,
  results: WrittenResults | undefined,
  array?: Member,
): GroupNode {
  const members = new Map<string, Member>();
  if (facts.layout !== null) {
    members.set("result_0", array ?? stacked(facts, facts.layout, results));
  }
  for (let i = 0; i < facts.count; i++) {
    const member = component(facts, i, results);
    if (member !== undefined) members.set(`comp_${i}`, member);
  }
  // Marks what can be read here: a call whose value is msgpack is done, but shows as missing.
  const completed = Uint8Array.from({ length: facts.count }, (_, i) => {
    return results?.[i]?.shapes === undefined ? 0 : 1;
  });
  members.set("completed", dataset({ data: completed, shape: [facts.count], dtype: "bool" }));
  return file({ members, attributes: facts.attributes });
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
  layout: ResultLayout,
  results: WrittenResults | undefined,
): VirtualDatasetNode {
  const { slot, stackAt, dtype } = layout;
  const growsAt = slot.indexOf(Number.POSITIVE_INFINITY);
  const within = (size: number, sizes: readonly number[]) => sizes.toSpliced(stackAt, 0, size);
  const present = presentSlot(layout, results);
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
