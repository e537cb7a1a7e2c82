// The program of the translator thread: opens values of our own kind and writes them in Python's
// form. It calls no function of a task, but may load the module of a class that a value is made of.
import { parentPort } from "node:worker_threads";
import { assert } from "@acme/protocol";
import { writePython } from "@acme/python";
import { decodeValue } from "@acme/serialize";
import type {
  Translated,
  TranslationReply,
  TranslationRequest,
  Untranslated,
} from "./translator.js";
import { formed } from "./value-form.js";

const port = parentPort;
assert(port !== null, "translator-main runs in a worker thread only");

port.on("message", async ({ id, values }: TranslationRequest) => {
  const translated: Translated[] = [];
  for (const value of values) translated.push(await translate(value));
  const reply: TranslationReply = { id, values: translated };
  port.postMessage(reply);
});

async function translate({ key, frames }: Untranslated): Promise<Translated> {
  try {
    return formed(writePython(await decodeValue(frames, { copyBuffers: false })));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { problem: `the value of task ${key} cannot go to Python: ${why}` };
  }
}
