// Loads what a program of a user loads, and tells how long that took.
// The Python program of the same name does the same.
const startMs = performance.now();
const { Client, LocalCluster, ParallelMap } = await import("@acme/client");
const milliseconds = performance.now() - startMs;
const loaded = [Client, LocalCluster, ParallelMap].every((each) => typeof each === "function");
if (!loaded) throw new Error("something was not loaded");
process.stdout.write(`loaded ${JSON.stringify({ milliseconds })}\n`);
