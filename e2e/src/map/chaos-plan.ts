// Which runs a chaos soak makes: kills of each kind of process spread over the results, then every
// named point. Nothing is random, so that what failed can be made to fail again.
import { type Chaos, type CrashPoint, chaosCount } from "./chaos-run.js";

const killed = ["client", "worker", "scheduler"] as const;

/** Kills at moments spread evenly over the results, in turn of client, worker and scheduler. */
export function killsOf(runs: number): Chaos[] {
  return Array.from({ length: runs }, (_, turn) => ({
    kill: killed[turn % killed.length] as (typeof killed)[number],
    afterResults: Math.floor((turn / runs) * chaosCount),
  }));
}

const around = ["before", "after"] as const;

function points(
  role: CrashPoint["role"],
  calls: readonly CrashPoint["call"][],
  matches: readonly string[],
): CrashPoint[] {
  return calls.flatMap((call) =>
    matches.flatMap((match) => around.map((when) => ({ role, when, call, match }))),
  );
}

/** Every named point, those of workers first: an early result, a late one, a msgpack one. */
export function namedPoints(): Chaos[] {
  const results = ["chaotic_2.h5", "chaotic_151.h5", "chaotic_207.msgpack"];
  const all = [
    ...points("worker", ["open", "write", "fsync", "link", "unlink"], results),
    // Names that are flushed together, and the middle of a batch where others have theirs already.
    ...points("worker", ["open", "fsync"], ["chaotic_payload/"]),
    ...points("worker", ["link", "unlink"], ["chaotic_152.h5", "chaotic_153.h5"]),
    ...points("client", ["open", "fsync", "link"], ["run.json", "owner-1.json"]),
    ...points("client", ["link"], ["inputs.msgpack", "code-", "chaotic.h5"]),
    ...points("client", ["write", "fsync"], ["manifest.ndjson"]),
    ...points("client", ["rename"], ["chaotic.h5", "owner-1.json", "provenance.json"]),
    ...points("client", ["mkdir"], ["chaotic_payload", ".acme"]),
  ];
  return all.map((point) => ({ point }));
}
