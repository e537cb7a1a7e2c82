// A Java program whose result is JSON: primes below one bound per call.
// Needs java 11 or newer (Debian: default-jdk-headless), which runs a source file as it is.
import { command } from "@acme/client";
import { programPath, show } from "./run.js";

const primes = command("java", [programPath("Primes.java"), "{below}"], {
  output: "json",
  name: "primes",
});
await show(primes, [{ below: 100 }, { below: 10_000 }, { below: 1_000_000 }]);
