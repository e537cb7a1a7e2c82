// Goal: arrays go from Node to Python and back unharmed, and each crosses once each way, but for one
// whose task may have been stolen. The soak does the same with arrays of 100 MB.
import { expect, it } from "vitest";
import { cross } from "./crossing.js";
import { pythonFor } from "./site.js";

it("goes from Node to Python and back", { timeout: 300_000 }, async (context) => {
  const count = 250_000;
  const lanes = 4;
  const executable = pythonFor(context);
  const { arrayBytes, sums, toPythonBytes, toNodeBytes } = await cross({
    executable,
    count,
    lanes,
  });
  const plain = count * (count - 1);
  expect(sums).toEqual([0, 1, 2, 3].map((from) => plain + 2 * from * count));
  for (const bytes of [toPythonBytes, toNodeBytes]) {
    expect(bytes).toBeGreaterThanOrEqual(lanes * arrayBytes);
    expect(bytes).toBeLessThan((lanes + 1.01) * arrayBytes);
  }
});
