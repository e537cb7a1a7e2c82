// Goal: results are used soon after they are made. Method: small graphs whose best order is known,
// and random graphs that must come out in an order where inputs precede what needs them.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Rows, staticOrder } from "./order.js";

function rowsOf(needs: readonly (readonly number[])[]): Rows {
  const offsets = [0];
  for (const row of needs) offsets.push((offsets.at(-1) as number) + row.length);
  return { offsets: Uint32Array.from(offsets), indices: Uint32Array.from(needs.flat()) };
}

const sequence = (needs: readonly (readonly number[])[]): number[] => {
  const rank = staticOrder(needs.length, rowsOf(needs)) as Uint32Array;
  return needs.map((_, i) => i).sort((a, b) => (rank[a] as number) - (rank[b] as number));
};

describe("staticOrder", () => {
  it("keeps the order of a map", () => {
    expect([...(staticOrder(4, null) as Uint32Array)]).toEqual([0, 1, 2, 3]);
  });

  it("finishes one chain before it begins the next", () => {
    // a0 a1 b0(a0) b1(a1)
    expect(sequence([[], [], [0], [1]])).toEqual([0, 2, 1, 3]);
  });

  it("begins with what was given first, though what follows from it was given last", () => {
    // a0 a1, c2 c3 on their own, b4(a0) b5(a1)
    expect(sequence([[], [], [], [], [0], [1]])).toEqual([0, 4, 1, 5, 2, 3]);
  });

  it("finishes all that needs a result before it begins another", () => {
    // a0 a1, b2(a0) b3(a1) b4(a0)
    expect(sequence([[], [], [0], [1], [0]])).toEqual([0, 2, 4, 1, 3]);
  });

  it("reduces a tree branch by branch", () => {
    // leaves 0-3, pairs 4 5, root 6
    expect(sequence([[], [], [], [], [0, 1], [2, 3], [4, 5]])).toEqual([0, 1, 4, 2, 3, 5, 6]);
  });

  it("takes the heavier branch first", () => {
    // root 5 needs a leaf 0 and a pair 4 of 1-3
    expect(sequence([[], [], [], [], [1, 2, 3], [0, 4]])[0]).toBe(1);
  });

  it("finds a circle", () => {
    expect(staticOrder(2, rowsOf([[1], [0]]))).toBeNull();
  });

  it("ignores what lies outside the graph", () => {
    expect(sequence([[7], [0, 9]])).toEqual([0, 1]);
  });

  it("puts inputs first in any graph", () => {
    const graph = fc.integer({ min: 1, max: 30 }).chain((n) =>
      fc.tuple(
        ...Array.from({ length: n }, (_, i) =>
          fc.uniqueArray(fc.nat(Math.max(0, i - 1)), {
            maxLength: i === 0 ? 0 : 4,
          }),
        ),
      ),
    );
    fc.assert(
      fc.property(graph, (needs) => {
        const rank = staticOrder(needs.length, rowsOf(needs)) as Uint32Array;
        expect(new Set(rank).size).toBe(needs.length);
        needs.forEach((row, i) => {
          for (const need of row) expect(rank[need]).toBeLessThan(rank[i] as number);
        });
      }),
    );
  });
});
