// Sizes as batch systems want them: whole numbers of a binary unit, rounded up, because a job that
// asks for less than its workers may use is killed.

const KiB = 1024;

/** SLURM: the largest unit below the size, at least `1K`. */
export function slurmMemory(bytes: number): string {
  if (bytes >= KiB ** 3) return `${Math.ceil(bytes / KiB ** 3)}G`;
  if (bytes >= KiB ** 2) return `${Math.ceil(bytes / KiB ** 2)}M`;
  return `${Math.max(1, Math.ceil(bytes / KiB))}K`;
}

/** PBS: a unit is used from ten of it on, so that rounding asks for little more. */
export function pbsMemory(bytes: number): string {
  const units = ["B", "KB", "MB", "GB", "TB"];
  let value = bytes;
  let unit = 0;
  while (value >= 10 * KiB && unit < units.length - 1) {
    value /= KiB;
    unit += 1;
  }
  return `${Math.ceil(value)}${units[unit]}`;
}
