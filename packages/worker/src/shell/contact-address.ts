// The address under which others reach a worker, when it is not the one it listens on.
// Only text: whether anybody can be reached there is found out by those who connect.

/**
 * @param contact - what the user wants to be advertised; without a port, or with port 0, it gets
 *   the real one
 * @param listening - where the worker listens
 */
export function contactAddress(contact: string | undefined, listening: string): string {
  if (contact === undefined) return listening;
  const scheme = listening.slice(0, listening.indexOf("://"));
  const full = contact.includes("://") ? contact : `${scheme}://${contact}`;
  const port = listening.slice(listening.lastIndexOf(":") + 1);
  return /:\d+$/.test(full) ? full.replace(/:0$/, `:${port}`) : `${full}:${port}`;
}
