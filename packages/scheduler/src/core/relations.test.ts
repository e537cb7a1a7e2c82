// Goal: a relation behaves like a Set whatever its size. Method: random edits of both.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { added, copyOf, firstOf, has, type Relation, removed, sizeOf } from "./relations.js";

describe("relations", () => {
  it("behave like sets", () => {
    const items = Array.from({ length: 40 }, (_, id) => ({ id }));
    const edit = fc.record({ add: fc.boolean(), at: fc.nat(39) });
    fc.assert(
      fc.property(fc.array(edit, { maxLength: 200 }), (edits) => {
        let relation: Relation<{ id: number }> = null;
        const model = new Set<{ id: number }>();
        for (const { add, at } of edits) {
          const item = items[at] as { id: number };
          relation = add ? added(relation, item) : removed(relation, item);
          if (add) model.add(item);
          else model.delete(item);
          expect(has(relation, item)).toBe(add);
          expect(sizeOf(relation)).toBe(model.size);
        }
        expect(new Set(copyOf(relation))).toEqual(model);
        expect(firstOf(relation) !== null).toBe(model.size > 0);
      }),
    );
  });
});
