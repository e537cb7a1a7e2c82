// Which of several systems with the same commands this machine has.
// Must not know what tells them apart.
import type { BatchDriver } from "../drivers/driver.js";
import { CommandError } from "../errors.js";
import type { Commands } from "./commands.js";

/** The driver itself where there is no choice, or no such command: then submitting will say so. */
export async function localDriver(driver: BatchDriver, commands: Commands): Promise<BatchDriver> {
  if (driver.dialects === null) return driver;
  const { question, choose } = driver.dialects;
  try {
    return choose(await commands.run(question), "");
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    return error.isMissing ? driver : choose("", error.stderr);
  }
}
