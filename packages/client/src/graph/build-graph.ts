// Turns batches of packed calls into one columnar graph. A map of 10^5 calls becomes a handful of
// buffers here; nothing is done per task that can be done per batch.
import {
  type ConstraintSpec,
  type NativeGraph,
  Serialized,
  type TaskKey,
  type TaskTemplate,
  wireKey,
} from "@acme/protocol";
import type { CallBatch, PackedTemplate, PackedValue } from "./call-batch.js";
import { Column } from "./column.js";
import { DependencyIndex, dependencyRows } from "./dependencies.js";
import { SharedBuffers } from "./shared-buffers.js";
import { layOutSlabs } from "./slabs.js";

/**
 * Builds one graph. A key that occurs twice is one task.
 *
 * @param batches - at least one call in all
 * @param held - keys to desire although their batch is not desired
 */
export function buildGraph(
  batches: readonly CallBatch[],
  held: ReadonlySet<TaskKey> = new Set(),
): NativeGraph {
  const columns = new GraphColumns();
  for (const batch of batches) columns.add(batch, held);
  return columns.finish();
}

class GraphColumns {
  readonly #indexOf = new Map<TaskKey, number>();
  readonly #items: PackedValue[] = [];
  readonly #templates = new Interned<PackedTemplate>();
  readonly #constraints = new Interned<ConstraintSpec>();
  readonly #templateOf = new Column<number>();
  readonly #constraintOf = new Column<number>();
  readonly #retries = new Column<number>();
  readonly #userPriority = new Column<number>();
  readonly #buffers = new SharedBuffers();
  #desired: number[] = [];

  add(batch: CallBatch, held: ReadonlySet<TaskKey>): void {
    const first = this.#items.length;
    for (let i = 0; i < batch.keys.length; i++) {
      const key = batch.keys[i] as TaskKey;
      const index = this.#items.length;
      if (this.#indexOf.has(key)) continue;
      this.#indexOf.set(key, index);
      const item = batch.items[i] as PackedValue;
      this.#items.push(item);
      this.#buffers.add(index, item);
      if (batch.desired || held.has(key)) this.#desired.push(index);
    }
    const count = this.#items.length - first;
    if (count === 0) return;
    const { retries, userPriority } = batch.options;
    const constraint = constraintOf(batch);
    this.#templateOf.add(this.#placeOf(batch.template), count);
    this.#constraintOf.add(
      constraint === null
        ? -1
        : this.#constraints.indexOf(JSON.stringify(sorted(constraint)), constraint),
      count,
    );
    this.#retries.add(retries, count);
    this.#userPriority.add(userPriority, count);
  }

  #placeOf(template: PackedTemplate): number {
    const place = this.#templates.indexOf(template.id, template);
    if (!template.isThere) this.#templates.values[place] = template;
    return place;
  }

  finish(): NativeGraph {
    const index = new DependencyIndex(this.#indexOf);
    const rows = dependencyRows(this.#items, index);
    const templates = this.#templates.values.map((each) => wireTemplate(each, index));
    const slabs = layOutSlabs(this.#items);
    const { frames, ofTask } = this.#buffers;
    return {
      templates,
      keys: [...this.#indexOf.keys()].map(wireKey),
      external: index.external.map(wireKey),
      template_of: this.#templateOf.dense(),
      slab_tasks: slabs.slabTasks,
      items: Serialized.acme(slabs.frames),
      buffers: frames.length === 0 ? null : Serialized.acme(frames),
      buffer_of: ofTask,
      dependencies: rows === null ? null : Serialized.acme(rows),
      desired: this.#desired.length === this.#items.length ? "all" : this.#desired,
      constraints: this.#constraints.values.map((each) => each),
      constraint_of: this.#constraintOf.dense(),
      retries: this.#retries.sparse(0),
      user_priority: this.#userPriority.sparse(0),
    };
  }
}

/** Without a language workers of ours are meant. */
function constraintOf({ template, options }: CallBatch): ConstraintSpec | null {
  return template.lang === undefined
    ? options.constraint
    : { ...options.constraint, lang: template.lang };
}

function wireTemplate(template: PackedTemplate, index: DependencyIndex): TaskTemplate {
  const { frames, lang, isThere } = template;
  const header = { serializer: "pickle" };
  const make = () => (lang === "py" ? new Serialized(header, frames) : Serialized.acme(frames));
  const body = isThere ? null : make();
  return { id: template.id, name: template.name, body, dependencies: index.of(template) };
}

/** Values by the text that identifies them, each with its place. */
class Interned<T> {
  readonly values: T[] = [];
  readonly #places = new Map<string, number>();

  indexOf(id: string, value: T): number {
    let place = this.#places.get(id);
    if (place === undefined) {
      place = this.values.push(value) - 1;
      this.#places.set(id, place);
    }
    return place;
  }
}

function sorted(constraint: ConstraintSpec): unknown {
  const { resources, ...rest } = constraint;
  return [Object.entries(rest).sort(), [...(resources ?? [])].sort()];
}
