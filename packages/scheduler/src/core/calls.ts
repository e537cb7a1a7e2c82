// Answers to the calls that the core had the shell make, given to whoever waits for them.
// What follows from an answer is decided there: restart.ts, extensions/, operations/.
import { inputsDone } from "./extensions/shuffle/inputs-done.js";
import { copyAnswered } from "./operations/handle.js";
import type { CallAnswer } from "./outbox.js";
import { nannyAnswered } from "./restart.js";
import type { Turn } from "./turn.js";

export function callAnswered(turn: Turn, callId: number, answer: CallAnswer): void {
  const { calls, parked: waiting } = turn.state;
  const requestId = calls.get(callId);
  calls.delete(callId);
  const parked = requestId === undefined ? undefined : waiting.get(requestId);
  const failure = "failure" in answer ? answer : null;
  if (parked?.kind === "restart") nannyAnswered(turn, parked, callId, failure?.failure ?? null);
  else if (parked?.kind === "shuffle-barrier") inputsDone(turn, parked, callId, failure);
  else if (parked?.kind === "copies") copyAnswered(turn, parked, callId, answer);
}
