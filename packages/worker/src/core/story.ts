// What happened to which task, lately: one bounded ring, written in place. For people; nothing
// is decided by it.
import type { TaskKey } from "@acme/protocol";
import type { TaskState } from "./task.js";

export interface StoryEntry {
  atMs: number;
  key: TaskKey;
  from: TaskState;
  to: TaskState;
  /** The event that caused it. */
  cause: string;
}

export interface Story {
  readonly entries: StoryEntry[];
  readonly size: number;
  /** Entries written in all. */
  written: number;
}

/** An empty ring of this many entries. */
export const newStory = (size: number): Story => ({ entries: [], size, written: 0 });

/** Writes over the oldest entry once the ring is full. */
export function tell(story: Story, entry: StoryEntry): void {
  if (story.entries.length < story.size) story.entries.push(entry);
  else story.entries[story.written % story.size] = entry;
  story.written += 1;
}

/** Entries about these keys, or all; oldest first. */
export function storyOf(story: Story, keys?: ReadonlySet<TaskKey>): StoryEntry[] {
  const start = story.entries.length < story.size ? 0 : story.written % story.size;
  const ordered = [...story.entries.slice(start), ...story.entries.slice(0, start)];
  return keys === undefined ? ordered : ordered.filter((entry) => keys.has(entry.key));
}
