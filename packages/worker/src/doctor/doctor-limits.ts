// What is enough, by name, for the doctor alone.
// Must not know how it is found out.

export const doctorLimits = Object.freeze({
  /** The oldest node that works: major, minor. */
  node: [20, 19] as const,
  /** From this one on compiled code is kept between starts. */
  nodeWished: 22,
  /** Of glibc 2, for node's own builds. */
  glibcMinor: 28,
  openFiles: 4_096,
  openFilesLeast: 256,
  spaceGib: 1,
  certificateDays: 7,
  /** Certificates are valid from an hour before they are made. */
  skewMs: 60_000,
  skewMaxMs: 3_600_000,
  connectMs: 5_000,
  /** For an answer of a scheduler that is busy. */
  answerMs: 10_000,
  /** For a contact file to appear. */
  findMs: 2_000,
});
