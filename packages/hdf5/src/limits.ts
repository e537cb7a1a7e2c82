// Every size and count limit of this package, by name, with the reason for its value.
// Nothing here reads the environment: the limits are properties of the format or of the kernel.

/** One header message holds at most this many bytes (a 16-bit length): HDF5's attribute limit. */
export const MESSAGE_MAX_BYTES = 65_535;

/** Links kept inside the group's header. Readers search them one by one, so more go to a B-tree. */
export const COMPACT_LINKS_MAX = 32;

/** A group that shrinks below this many links may be turned back to compact by libhdf5. */
export const DENSE_LINKS_MIN = 24;

/** HDF5's limit for the block that holds the links of a large group: some 20 million links. */
export const LINK_BLOCK_MAX_BYTES = 2 ** 31;

/** One global heap collection counts its objects with 16 bits; index 0 is its free space. */
export const HEAP_OBJECTS_MAX = 65_535;

/** A collection is closed above this size: readers load whole collections to fetch one string. */
export const HEAP_COLLECTION_BYTES = 1 << 20;

/** HDF5 refuses collections smaller than this. */
export const HEAP_COLLECTION_MIN_BYTES = 4096;

/** HDF5's own limit for dimensions. */
export const RANK_MAX = 32;

/** Larger arrays are stored without compression: one chunk is deflated in one piece in memory. */
export const GZIP_MAX_BYTES = 2 ** 30;

/** Blocks below this size are copied together, larger ones are written from where they are. */
export const COALESCE_BELOW_BYTES = 16_384;

/** Linux takes at most 1024 pieces per writev. */
export const WRITE_PIECES_MAX = 1024;

/**
 * Linux stops one write near 2 GiB and macOS refuses it. No call asks for more than this, which
 * also bounds how long computing the checksum of one batch holds up the event loop (about 0.1 s).
 */
export const WRITE_CALL_MAX_BYTES = 2 ** 28;

/** Node 20 cannot view more than 4 GiB as bytes, so larger arrays become several blocks. */
export const BLOCK_MAX_BYTES = 2 ** 30;

/** Names tried for a temporary file before giving up (stale ones of a reused process id). */
export const TEMPORARY_NAMES_MAX = 16;

/**
 * More virtual sources than this can make a reader run out of open files (usual soft limit 1024),
 * upon which HDF5 silently shows the fill value. Callers should warn above it.
 */
export const VIRTUAL_SOURCES_SAFE_MAX = 900;

/** Links that are read back of one group: more would not fit into memory comfortably. */
export const INSPECTED_LINKS_MAX = 10_000_000;
