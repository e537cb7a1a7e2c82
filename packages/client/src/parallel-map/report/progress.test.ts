// The bar's looks, and how seldom it writes.
import { expect, test } from "vitest";
import { ProgressBar, progressBar } from "./progress.js";

const state = { done: 21, failed: 0, total: 21, elapsedMs: 106_000 };

test("looks like tqdm's", () => {
  expect(progressBar(state, 51)).toBe(" 100%|############| 21/21 [01:46<00:00, 5.0s/it]");
  const half = { done: 50, failed: 2, total: 100, elapsedMs: 10_000 };
  expect(progressBar(half, 62)).toBe("  50%|######      | 50/100 [00:10<00:10, 5.0it/s, 2 failed]");
});

test("fits any terminal, and shows an unknown rest as such", () => {
  const none = { done: 0, failed: 0, total: 7, elapsedMs: 0 };
  expect(progressBar(none, 42)).toBe("   0%|           | 0/7 [00:00<?, ?it/s]");
  expect(progressBar(none, 20)).toBe("0/7 <?");
  expect(progressBar({ ...none, done: 1, elapsedMs: 3_700_000 }, 60)).toContain("1:01:40<6:10:00");
  expect(progressBar(state, 300).length).toBe(100);
});

test("a hundred thousand updates in a second are a dozen writes on a terminal", () => {
  const written: string[] = [];
  let nowMs = 0;
  const stream = { isTTY: true, columns: 80, write: (text: string) => written.push(text) };
  const bar = new ProgressBar(100_000, stream, () => nowMs);
  for (let i = 1; i <= 100_000; i++) {
    nowMs += 0.01;
    bar.update({ done: i, failed: 0 });
  }
  bar.end();
  expect(written.length).toBeGreaterThan(9);
  expect(written.length).toBeLessThan(15);
  expect(written.at(-2)).toContain("100000/100000");
  expect(written.at(-1)).toBe("\n");
});

test("elsewhere it is a line now and then, and one at the end", () => {
  const written: string[] = [];
  let nowMs = 0;
  const bar = new ProgressBar(300, { write: (text) => written.push(text) }, () => nowMs);
  for (let i = 1; i <= 300; i++) {
    nowMs += 100;
    bar.update({ done: i, failed: 0 });
  }
  bar.end();
  expect(written).toEqual([
    "acme: 100/300 [00:10<00:20, 10.0it/s]\n",
    "acme: 200/300 [00:20<00:10, 10.0it/s]\n",
    "acme: 300/300 [00:30<00:00, 10.0it/s]\n",
    "acme: 300/300 [00:30<00:00, 10.0it/s]\n",
  ]);
});

test("without a known total it counts, and knows the rate", () => {
  const open = { done: 1_200, failed: 3, total: Number.POSITIVE_INFINITY, elapsedMs: 10_000 };
  expect(progressBar(open, 80)).toBe("1200 [00:10<?, 120it/s, 3 failed]");
});

test("what an earlier run did says nothing of the rate", () => {
  const resumed = { done: 60, failed: 0, resumed: 50, total: 100, elapsedMs: 10_000 };
  expect(progressBar(resumed, 60)).toContain("60/100 [00:10<00:40, 1.0it/s]");
});
