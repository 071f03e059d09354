/** The bounds of mirrors (DP-10), each with its reason. */
export const bounds = {
  /** The unit of marks: what is copied of a block of which one byte was missed; 1 bit of a map. */
  blockBytes: 64 * 1024,
  /** A write is one message, and a torn one is done again whole from a journal. Chosen. */
  writeBytesMax: 1024 * 1024,
  /** An outage of 1 s at 8 MB/s is made good without reading the file. */
  backlogBytes: 8 * 1024 * 1024,
  backlogBytesMax: 1024 * 1024 * 1024,
  /** What a replica's end reads beyond what it is applying; then its channel waits. */
  queueBytes: 4 * 1024 * 1024,
  /** Writes that are done again after an end: at most so much, and one batch, of reading. */
  journalBytes: 16 * 1024 * 1024,
  /** Marks that stay in the file though nothing is missing: 64 MiB are copied in vain, at most. */
  hotBlocks: 1_024,
  /** A range whose sums are compared at once: no write goes on while it is read, for some 5 ms. */
  sumsBytes: 4 * 1024 * 1024,
  /** Ranges that a verification names. */
  rangesMax: 1_000,
  /** Replicas that one receiving side has open: two descriptors each. */
  replicasMax: 256,
  openMs: 2_000,
  /** Without any path for so long, a mirror without backups dials anew: the target may be new. */
  abandonMs: 1_000,
  greetMs: 5_000,
  drainMs: 5_000,
  retryMs: { least: 50, most: 2_000 },
  /** How often a file that others write is asked whether it was modified. */
  lookMs: 200,
  /** Two changes within a tick of a file system's clock have one time: 4 ms of ext4, others 10. */
  tickMs: 20,
} as const;
