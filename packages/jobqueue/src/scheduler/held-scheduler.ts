// What a cluster of jobs needs of its scheduler, wherever that lives.
// Must not know how it was started.
import type { JobRef } from "../drivers/driver.js";

export interface HeldScheduler {
  readonly place: "process" | "job" | "elsewhere";
  readonly address: string;
  /** Port of its status page on this machine; null: it is on another one, or has none. */
  readonly httpPort: number | null;
  /** Its job. */
  readonly ref: JobRef | null;
  /** Resolves when it has ended, or cannot be reached any more. */
  readonly ended: Promise<{ readonly reason: string }>;
  /** Ends it, unless it is somebody else's. */
  close(reason: string): Promise<void>;
  /** Leaves it to itself. */
  release(): Promise<void>;
}
