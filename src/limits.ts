/** Every limit and default duration, with its reason. Times in milliseconds, sizes in bytes. */
export const limits = {
  /** One line, peek or read of a client: a header or a chat line, not a file. Chosen. */
  readBytesMax: 64 * 1024,
  /** A routing application asks and waits: a minute is long for a person, bearable for us. */
  readTimeoutMs: 60_000,
  /** Bytes read and not consumed that travel with a transfer: 16 of the socket's own buffers. */
  unreadBytesMax: 1024 * 1024,
  /** State is a name and a few fields, not a data set; it is copied once per hop. Chosen. */
  stateBytesMax: 1024 * 1024,

  /** One deadline over all attempts of a transfer: what a person takes for "at once", doubled. */
  transferDeadlineMs: 5_000,
  /** Attempts of one transfer; a cluster of threads has rarely more nodes. */
  transferAttemptsMax: 8,
  /** A target's application may ask a database before it answers. A fifth of the deadline. */
  answerMs: 1_000,
  /** The same, seen from the target: a little less, so that the giver hears of it. */
  considerMs: 900,
  /** Writes to a client must leave before it moves; one that reads nothing is not waited for. */
  drainWritesMs: 2_000,
  /** A target confirms without asking anybody: silence means a blocked or dead thread. */
  confirmMs: 1_000,
  /** A place is kept while the giver drains: as long as the whole transfer may take. */
  reserveMs: 5_000,
  /** Transfers under way at once in one stack, each with a descriptor more; others wait. */
  transfersUnderwayMax: 256,
  /** Transfers that wait behind those: every client of a full stack at once. */
  transfersWaitingMax: 65_536,
  /** Hops since the client last sent a byte (CT-9). */
  hopsMax: 16,

  /** The longest that a timer of Node can wait; a longer one would end at once. */
  timerMsMax: 2 ** 31 - 1,
  /** How long a node may take to open all that it runs; loading TypeScript takes half a second. */
  startMs: 30_000,
  /** How long applications may say goodbye before their clients are closed. */
  drainMs: 5_000,
  /** What a node's thread may take to stop beyond its drains: a busy loop is not yet a dead one. */
  stopGraceMs: 2_000,
  /** Connections that the kernel keeps until they are accepted (listen(2)). */
  backlog: 4_096,

  /** Nodes of one cluster of threads: their index is 8 bits of a custody word. */
  nodesMax: 255,
  /** Custody slots of each node: twice what may be under way, so that reclaiming never waits. */
  custodySlotsPerNode: 512,
  /** Rows of the routing table's copy in shared memory, 64 bytes each: 4 MiB. */
  routesMax: 65_536,
} as const;
