// Every bound of the command by name.
// Bounds of connections belong to the package that makes them.
const KiB = 2 ** 10;

export const commandLimits = Object.freeze({
  /** Numbers that a range on the command line may have: they are held in memory. */
  rangeCount: 10_000_000,
  /** Failed calls, and files that are not whole, that are listed. */
  failuresShown: 5,
  problemsShown: 20,
  /** Of the first line of an error. */
  errorChars: 200,
  /** For a scheduler to answer whether it runs. */
  aliveTimeoutMs: 2_000,
  /** For its status over HTTP. */
  statusTimeoutMs: 5_000,
  /** Functions that a status in words lists. */
  functionsShown: 10,
  /** What ssh may send of a remote cluster directory. */
  remoteBytes: 512 * KiB,
  /** Ports tried for one end of a tunnel, since another program may take one in between. */
  portTries: 5,
  /** For ssh to end by itself before it is killed. */
  sshCloseMs: 2_000,
  /** A connection without a sign of life: ssh asks this often, and gives up after three. */
  sshAliveS: 15,
  /** A folder without a socket, older than this, is no session's that is just beginning. */
  sshFolderAgeMs: 60_000,
});
