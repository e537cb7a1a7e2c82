// Makes templates, and makes as few as possible: packing a function costs half a millisecond. A
// template is used again where the function cannot mean anything else by now, or must not.
import { type EncodedTemplate, encodeTemplate, explainFunction, item } from "@acme/serialize";
import { type NameRemote, ReferenceNames } from "./references.js";
import { withOwnBuffers } from "./shared-buffers.js";

/** A function as users give it. */
export type AnyFunction = (...args: never[]) => unknown;

/** What a template is made of: a function with so many own arguments, then shared ones. */
export interface TemplateParts {
  readonly fn: AnyFunction;
  readonly own: number;
  readonly shared: readonly unknown[];
}

export interface MadeTemplate {
  readonly template: EncodedTemplate;
  /** The template is void until these have ended, and is to be made again then. */
  readonly waitFor: ReadonlySet<Promise<void>>;
}

export type MakeTemplate = (parts: TemplateParts, name: NameRemote) => Promise<MadeTemplate>;

async function makeTemplate(parts: TemplateParts, name: NameRemote): Promise<MadeTemplate> {
  const names = new ReferenceNames(name);
  const args = [...Array.from({ length: parts.own }, (_, i) => item(i)), ...parts.shared];
  const encoded = await encodeTemplate({ fn: parts.fn, args }, names);
  const [template] = withOwnBuffers([encoded]) as [EncodedTemplate];
  return { template, waitFor: names.waitFor };
}

/**
 * Remembers templates for the length of one graph, whose tasks all see the captured values of one
 * moment.
 */
export function templatesOfGraph(): MakeTemplate {
  const made = new Map<AnyFunction, Map<number, Promise<MadeTemplate>>>();
  return async (parts, name) => {
    const ofFunction = made.get(parts.fn) ?? new Map<number, Promise<MadeTemplate>>();
    made.set(parts.fn, ofFunction);
    let making = ofFunction.get(parts.own);
    if (making === undefined) {
      making = makeTemplate(parts, name);
      ofFunction.set(parts.own, making);
    }
    const result = await making;
    if (result.waitFor.size > 0) ofFunction.delete(parts.own);
    return result;
  };
}

interface Remembered {
  uses: number;
  /** The function holds nothing that could change between two calls. */
  isStable: boolean;
  readonly templates: Map<number, EncodedTemplate>;
}

const remembered = new WeakMap<AnyFunction, Remembered>();
const nothing: ReadonlySet<Promise<void>> = new Set();

/**
 * Remembers templates of functions that are imported or capture nothing, from their third use on.
 * All others are packed each time, because what they captured may have changed.
 */
export const rememberedTemplate: MakeTemplate = async (parts, name) => {
  const known = remembered.get(parts.fn) ?? { uses: 0, isStable: false, templates: new Map() };
  remembered.set(parts.fn, known);
  const template = parts.shared.length === 0 ? known.templates.get(parts.own) : undefined;
  if (template !== undefined) return { template, waitFor: nothing };
  known.uses += 1;
  const made = await makeTemplate(parts, name);
  if (known.uses === 2) known.isStable = await isStable(parts.fn);
  if (known.isStable && parts.shared.length === 0 && made.waitFor.size === 0) {
    known.templates.set(parts.own, made.template);
  }
  return made;
};

async function isStable(fn: AnyFunction): Promise<boolean> {
  const { kind, parts } = await explainFunction(fn, { refOf: () => undefined });
  if (kind !== "value") return true;
  const hasProperties = Reflect.ownKeys(fn).some(
    (key) => key !== "length" && key !== "name" && key !== "prototype",
  );
  return parts.length === 1 && parts[0]?.captures.length === 0 && !hasProperties;
}
