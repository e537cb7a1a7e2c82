// Ctrl-C and SIGTERM while maps run: the first one lets them end in good order and the process
// after them, the second one ends it at once. A program that listens for them itself is left alone.

type Name = "SIGINT" | "SIGTERM";
const exitCodes: Readonly<Record<Name, number>> = { SIGINT: 130, SIGTERM: 143 };
const names = Object.keys(exitCodes) as Name[];

/** One map that runs. */
export interface Interruptible {
  /** Resolves when nothing of the map is left that has to be put in order. */
  interrupt(name: Name): Promise<void>;
}

const running = new Set<Interruptible>();
let first: Name | undefined;

/** @returns how to stop it, or undefined if somebody else listens */
export function handleInterrupts(map: Interruptible): (() => void) | undefined {
  if (names.some((name) => process.listenerCount(name) > 0) && running.size === 0) return undefined;
  if (running.size === 0) for (const name of names) process.on(name, interrupted);
  running.add(map);
  return () => {
    running.delete(map);
    if (running.size > 0 || first !== undefined) return;
    for (const name of names) process.off(name, interrupted);
  };
}

function interrupted(name: Name): void {
  if (first !== undefined) process.exit(exitCodes[name]);
  first = name;
  const all = [...running].map((map) => map.interrupt(name));
  void Promise.allSettled(all).then(() => process.exit(exitCodes[name]));
}
