// The latest transitions of all tasks in one bounded ring; answers `get_story`.
// Must never decide anything: no transition reads it. Corresponds to dask's transition_log.
import type { TaskKey } from "@acme/protocol";
import { coreLimits } from "./limits.js";
import type { TaskStateName } from "./task.js";

export class Story {
  keys: (TaskKey | undefined)[] = [];
  from: (TaskStateName | undefined)[] = [];
  to: (TaskStateName | undefined)[] = [];
  stimuli: string[] = [];
  atMs: number[] = [];
  next = 0;
}

export interface StoryEntry {
  key: TaskKey;
  from: TaskStateName;
  to: TaskStateName;
  stimulusId: string;
  atMs: number;
}

/** First half of an entry, without an object per transition; {@link noteCause} must follow. */
export function recordAt(story: Story, key: TaskKey, from: TaskStateName, to: TaskStateName): void {
  const at = story.next;
  story.keys[at] = key;
  story.from[at] = from;
  story.to[at] = to;
}

export function noteCause(story: Story, stimulusId: string, atMs: number): void {
  const at = story.next;
  story.stimuli[at] = stimulusId;
  story.atMs[at] = atMs;
  story.next = at + 1 === coreLimits.storyLength ? 0 : at + 1;
}

/** When the latest transition was; null: there was none. */
export function latestMs(story: Story): number | null {
  const { length } = story.atMs;
  return length === 0 ? null : (story.atMs[(story.next + length - 1) % length] as number);
}

/** Entries that name one of these keys or stimuli, oldest first; null: all. */
export function storyOf(story: Story, wanted: ReadonlySet<string> | null): StoryEntry[] {
  const found: StoryEntry[] = [];
  const length = story.keys.length;
  const start = length < coreLimits.storyLength ? 0 : story.next;
  for (let i = 0; i < length; i++) {
    const at = (start + i) % length;
    const key = story.keys[at] as TaskKey;
    const stimulusId = story.stimuli[at] as string;
    if (wanted?.has(key) === false && !wanted.has(stimulusId)) continue;
    found.push({
      key,
      from: story.from[at] as TaskStateName,
      to: story.to[at] as TaskStateName,
      stimulusId,
      atMs: story.atMs[at] as number,
    });
  }
  return found;
}
