// From calls to a submission: packs them, names them, and puts them in line for the next graph
// update. What cannot be packed fails its submission, never the process.
import type { TaskKey } from "@acme/protocol";
import { FutureUseError } from "../errors.js";
import { Future } from "../future.js";
import type { CallBatch, PackedTemplate, PackedValue } from "../graph/call-batch.js";
import { contentKeys } from "../graph/content-key.js";
import { type CallsToPack, packCalls } from "../graph/pack.js";
import type { NameRemote, RemoteValue } from "../graph/references.js";
import { SourceReference } from "../python/pack-python.js";
import { batchOptions, type TaskOptions } from "../task-options.js";
import { onAbort } from "./abort-listeners.js";
import type { Session } from "./session.js";
import { Submission } from "./submission.js";

/** How futures inside arguments are named for tasks of this session. */
export function nameFutures(session: Session): NameRemote {
  const name = (value: RemoteValue) => {
    if (value instanceof Future) return value.keyFor(session);
    if (value instanceof SourceReference) return session.sources.keyOf(value.target);
    throw new FutureUseError(
      `${value.describe()} has no meaning here: compute it with the graph it belongs to`,
    );
  };
  return Object.assign(name, { isDask: session.isDask });
}

/** @param keys - null: named by content */
export function submitCalls(
  session: Session,
  calls: CallsToPack,
  keys: readonly TaskKey[] | null,
  options: TaskOptions,
): Submission {
  return submitBatches(session, keys, options.signal, async () => {
    const { template, items, warnings } = await packCalls(calls, nameFutures(session));
    for (const { code, message } of warnings) session.warnOnce(code, message);
    return [batchOf(template, items, keys ?? contentKeys(template, items), options)];
  });
}

const batchOf = (
  template: PackedTemplate,
  items: readonly PackedValue[],
  keys: readonly TaskKey[],
  options: TaskOptions,
): CallBatch => ({ template, keys, items, desired: true, options: batchOptions(options) });

/**
 * @param keys - of the futures, in order; null: those of the batches
 * @param pack - makes the batches; called at once
 */
export function submitBatches(
  session: Session,
  keys: readonly TaskKey[] | null,
  signal: AbortSignal | undefined,
  pack: () => Promise<readonly CallBatch[]>,
): Submission {
  session.assertOpen();
  signal?.throwIfAborted();
  const submission = new Submission(keys);
  pack().then(
    (batches) => {
      const named = keys ?? batches.flatMap((batch) => batch.keys);
      try {
        session.assertOpen();
      } catch (error) {
        submission.fail(error);
        return;
      }
      session.graphs.add({
        batches,
        keys: named,
        onPosted: (records) => {
          submission.markPosted(records);
          for (const index of submission.releasedEarly) session.release(records[index]!);
          if (signal !== undefined) cancelWith(session, submission, signal);
        },
      });
      submission.markNamed(named);
    },
    (error) => submission.fail(error),
  );
  return submission;
}

/** Listens no longer than one of the tasks is unsettled: signals often outlive tasks. */
function cancelWith(session: Session, submission: Submission, signal: AbortSignal): void {
  const records = (submission.records ?? []).filter((record) => !record.isSettled);
  const keys = records.map((record) => record.key);
  if (records.length === 0) return;
  const stopListening = onAbort(signal, () => session.cancel(keys, false));
  let open = records.length;
  for (const record of records) {
    const stop = record.watch(() => {
      if (!record.isSettled) return;
      stop();
      open -= 1;
      if (open === 0) stopListening();
    });
  }
}
