// Goal: the story keeps the latest entries in order and no more than its size.
import { taskKey } from "@acme/protocol";
import { expect, it } from "vitest";
import { newStory, storyOf, tell } from "./story.js";

it("keeps the latest entries, oldest first, and hands out copies", () => {
  const story = newStory(3);
  for (let nowMs = 1; nowMs <= 5; nowMs++) {
    const key = taskKey(nowMs % 2 === 0 ? "even" : "odd");
    tell(story, { key, state: "released" }, "waiting", { nowMs, cause: "test" });
  }
  const before = storyOf(story);
  expect(before.map(({ atMs }) => atMs)).toEqual([3, 4, 5]);
  expect(storyOf(story, new Set([taskKey("even")])).map(({ atMs }) => atMs)).toEqual([4]);
  tell(story, { key: taskKey("x"), state: "ready" }, "executing", { nowMs: 6, cause: "test" });
  expect(before.map(({ atMs }) => atMs)).toEqual([3, 4, 5]);
  expect(story.entries).toHaveLength(3);
});
