// Which GPUs the executor of each slot sees. A thread sees them in its own `process.env` alone, as
// native code reads the variables of the whole process; a child process sees them everywhere.

/** All devices, in runs of equal length; those of whom there are more take turns. */
export function dealDevices(devices: readonly string[], hands: number): string[][] {
  const count = devices.length;
  return Array.from({ length: hands }, (_, hand) => {
    if (count <= hands) return devices.slice(hand % Math.max(1, count)).slice(0, 1);
    const first = Math.ceil((hand * count) / hands);
    return devices.slice(first, Math.ceil(((hand + 1) * count) / hands));
  });
}

/** Variables of an executor; undefined: those of this process. */
export type SlotEnvironment = Readonly<Record<string, string>> | undefined;

/** @param devices - of the worker; undefined: nothing is said about any */
export function slotEnvironments(
  devices: readonly string[] | undefined,
  slots: number,
): SlotEnvironment[] {
  if (devices === undefined || slots === 1) return new Array<SlotEnvironment>(slots);
  return dealDevices(devices, slots).map((own) => ({ CUDA_VISIBLE_DEVICES: own.join(",") }));
}
