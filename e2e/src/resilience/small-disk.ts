// A disk of its own for one test, of a size that it fills. Needs the right to mount one, which not
// every machine gives a test.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { type SkippableContext, skipWithReason } from "../skip-with-reason.js";

export class SmallDisk implements AsyncDisposable {
  readonly path = mkdtempSync(join(tmpdir(), "acme-small-disk-"));
  #isMounted = false;

  /** @param size - as `mount` takes it, such as `1m` */
  static async make(context: SkippableContext, size: string): Promise<SmallDisk> {
    const disk = new SmallDisk();
    try {
      await execa("mount", ["-t", "tmpfs", "-o", `size=${size}`, "tmpfs", disk.path]);
      disk.#isMounted = true;
    } catch (error) {
      await disk[Symbol.asyncDispose]();
      skipWithReason(context, "mounting a small disk needs root", error);
    }
    return disk;
  }

  async grow(size: string): Promise<void> {
    await execa("mount", ["-o", `remount,size=${size}`, this.path]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isMounted) await execa("umount", [this.path]);
    rmSync(this.path, { recursive: true, force: true });
  }
}
