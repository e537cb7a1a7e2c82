// Listens on the first address of a list that is free: how a range of ports is used.
// Which addresses are tried, and in which order, is decided where the flags are read.
import { ListenError, type Listener, type ListenOptions, listen } from "@acme/comm";

/** @throws ListenError of the last address, if all are taken; at once for any other failure */
export async function listenSomewhere(
  addresses: string | readonly string[],
  options: ListenOptions,
): Promise<Listener> {
  const choices = typeof addresses === "string" ? [addresses] : addresses;
  for (const [index, address] of choices.entries()) {
    try {
      return await listen(address, options);
    } catch (error) {
      if (index === choices.length - 1 || !isTaken(error)) throw error;
    }
  }
  throw new ListenError("", "no address was given");
}

function isTaken(error: unknown): boolean {
  if (!(error instanceof ListenError)) return false;
  return (error.cause as NodeJS.ErrnoException | undefined)?.code === "EADDRINUSE";
}
