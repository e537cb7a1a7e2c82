// How a process or thread ended that ran a task, in a word, so that whoever hears of it need not read
// messages meant for people. What follows from it, others decide.

/**
 * `memory`: its memory limit, or its heap, was too small. `killed`: by SIGKILL, which the system
 * sends when the machine has none left. `crashed`: by another signal, as native code does.
 * `ended`: it exited by itself. `failed`: it could not be spoken with. `gone`: the worker was lost
 * with it, and nobody could tell.
 */
export type Death = (typeof deaths)[number];

export const deaths = ["memory", "killed", "crashed", "ended", "failed", "gone"] as const;
