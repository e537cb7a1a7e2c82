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

/**
 * Writes over the oldest entry once the ring is full. Entries are reused: this runs several times
 * for every task, and objects that live just long enough to be promoted are what costs.
 */
export function tell(story: Story, task: Named, to: TaskState, why: Why): void {
  const old = story.entries[story.written % story.size];
  story.written += 1;
  const { key, state: from } = task;
  if (old === undefined) {
    story.entries.push({ atMs: why.nowMs, key, from, to, cause: why.cause });
    return;
  }
  old.atMs = why.nowMs;
  old.key = key;
  old.from = from;
  old.to = to;
  old.cause = why.cause;
}

type Named = { readonly key: TaskKey; readonly state: TaskState };
type Why = { readonly nowMs: number; readonly cause: string };

/** Entries about these keys, or all; oldest first. */
export function storyOf(story: Story, keys?: ReadonlySet<TaskKey>): StoryEntry[] {
  const start = story.entries.length < story.size ? 0 : story.written % story.size;
  const ring = [...story.entries.slice(start), ...story.entries.slice(0, start)];
  const ordered = ring.map((entry) => ({ ...entry }));
  return keys === undefined ? ordered : ordered.filter((entry) => keys.has(entry.key));
}
