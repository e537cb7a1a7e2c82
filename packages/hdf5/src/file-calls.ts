// The calls that publication makes to the operating system, in two kinds: in the background, so that
// the thread goes on, or in the thread, which waits but pays for no hand-over. What is published,
// and in which order, is not known here.
import {
  closeSync,
  fdatasync,
  fsyncSync,
  linkSync,
  openSync,
  renameSync,
  statSync,
  unlinkSync,
  writevSync,
} from "node:fs";
import { link, open, rename, stat, unlink } from "node:fs/promises";

type Maybe<T> = T | Promise<T>;

/** What is identical for two names of one file. */
interface FileId {
  readonly ino: number;
  readonly dev: number;
}

export interface OpenFile {
  writev(pieces: readonly Uint8Array[]): Maybe<{ readonly bytesWritten: number }>;
  sync(): Maybe<void>;
  close(): Maybe<void>;
}

/** Written in the thread, flushed beside it. */
export interface FlushedFile extends OpenFile {
  /** Several at once wait for one and the same transaction of a journaling file system. */
  syncBeside(): Promise<void>;
}

export interface FileCalls<F extends OpenFile = OpenFile> {
  open(path: string, flags: "wx" | "r"): Maybe<F>;
  link(from: string, to: string): Maybe<void>;
  rename(from: string, to: string): Maybe<void>;
  unlink(path: string): Maybe<void>;
  stat(path: string): Maybe<FileId>;
}

export const backgroundCalls: FileCalls = { open, link, rename, unlink, stat };

export const blockingCalls: FileCalls<FlushedFile> = {
  open: (path, flags) => {
    const fd = openSync(path, flags);
    return {
      writev: (pieces) => ({ bytesWritten: writevSync(fd, pieces) }),
      sync: () => fsyncSync(fd),
      syncBeside: () =>
        new Promise((resolve, reject) => {
          fdatasync(fd, (error) => (error === null ? resolve() : reject(error)));
        }),
      close: () => closeSync(fd),
    };
  },
  link: linkSync,
  rename: renameSync,
  unlink: unlinkSync,
  stat: statSync,
};
