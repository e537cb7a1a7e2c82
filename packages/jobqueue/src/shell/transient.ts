// Which failures of a command may pass by themselves: the controller was busy or away. Knows texts
// only.

const passing = [
  /socket timed out/i,
  /resource temporarily unavailable/i,
  /slurm_load_jobs error/i,
  /unable to contact slurm controller/i,
  /connection (refused|timed out|reset)/i,
  /transport endpoint is not connected/i,
  /zero bytes were transmitted/i,
  /error getting response from slurmctld/i,
  // PBS, Grid Engine.
  /cannot connect to (specified )?server/i,
  /unable to (contact|send message to) qmaster/i,
];

// Of these even another try will not help, though they begin like one of those above.
const lasting = [/invalid job id/i];

export const isTransient = (stderr: string): boolean =>
  passing.some((text) => text.test(stderr)) && !lasting.some((text) => text.test(stderr));
