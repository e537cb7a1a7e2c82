// The number of what our own peers say to each other beyond dask's protocol. Peers of different
// numbers do not understand each other; dask's own peers have none.

/**
 * Raised with every change after which an older peer would misunderstand a newer one. Peers say
 * theirs when they register.
 */
export const acmeProtocol = 1;
