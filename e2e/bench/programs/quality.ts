// How well slots are used by tasks of known length; one kind per run.
// The Python program of the same name does the same.
import type { Client } from "@acme/client";
import { even, locality, type Quality, skew } from "../path/quality.js";
import { serve } from "./serve.js";

type Kind = (client: Client, slots: number) => Promise<Quality>;

const kinds: Readonly<Record<string, Kind>> = { even, skew, locality };

await serve<{ kind: string }>(async (client, { kind, workers }) => {
  const { seconds, efficiency } = await kinds[kind]!(client, workers);
  return { seconds, efficiency };
});
