/** Limits of cluster messages; part of `limits`. Times in milliseconds, sizes in bytes. */
export const messagingLimits = {
  /** A node's name, and other words in a row. */
  nameLengthMax: 63,
  /** Adapters of one node: as many links as kronosnet gives a pair of hosts. */
  adaptersMax: 8,
  /** A message is a word of control; what is larger belongs on a data port. */
  messageBytesMax: 1024 * 1024,
  /** A datagram, where the MTU allows: 16 KiB hold 150 messages, and more would gain no speed. */
  datagramBytesMax: 16 * 1024,
  /** Where no way is known yet: what any IP path of today takes. */
  segmentBytes: 1_200,
  /** What is sent before anything was acknowledged: ten datagrams of Ethernet (RFC 6928), twice. */
  windowBytes: 32 * 1024,
  windowBytesMin: 4 * 1024,
  /** A millisecond of a fast network; the same bounds what waits behind a gap at the receiver. */
  windowBytesMax: 1024 * 1024,
  /**
   * What is sent before the turn ends: an eighth of the window, so that writing, carrying and
   * hearing go on side by side. With each segment at once, their acknowledgements took a third of
   * the rate. Measured.
   */
  burstBytes: 128 * 1024,
  /** Reliable messages to one node that are not acknowledged: more is a node that is not there. */
  outboundBytesMax: 8 * 1024 * 1024,
  /** Pieces of an unreliable message: the largest, in the smallest datagrams. */
  fragmentsMax: 4_096,
  /** Unreliable messages of one sender that lack a piece: two of the largest, for a second. */
  fragmentBytesMax: 2 * 1024 * 1024,
  fragmentMs: 1_000,
  partialsMax: 64,
  /** Sessions whose key is kept: those of all nodes, and their last life. */
  sessionsMax: 4_096,
  /** A node that is in no row is not remembered beyond so many. */
  clusterNodesMax: 4_096,
  /** How often a node gossips, as memberlist does it in a LAN; to so many others. */
  heartbeatMs: 200,
  /** The same where all nodes are threads of one process: their links tell of a death at once. */
  heartbeatHereMs: 1_000,
  gossipFanout: 3,
  /** Datagrams on their way between a node's thread and the one that has its sockets. */
  hostedDatagramsMax: 4_096,
  /** Of these, as many as a burst has are posted without waiting for the turn's end. */
  hostedBurst: 8,
  /** A goodbye is told to so many directly; they pass it on. */
  goodbyePeers: 8,
  /** Heartbeats from one look for a node that is gone to the next, and how many look for it. */
  goneBeats: 2,
  seekersMax: 3,
  /** Rows of one answer; the next heartbeat brings more. */
  rowBytesPerAnswer: 64 * 1024,
  /** Waiting for an answer: SRT's least, RFC 6298's first (a fifth of it), and a bound. */
  patienceMs: { least: 60, first: 100, most: 1_000 },
  /** An event loop that is late by so much makes no accusations. */
  lagMs: 100,
  /** A node that lives answers within so long, on a busy host too; else its name is another's. */
  successionMs: 500,
  /** A suspect may take so long to be heard, times the logarithm of the cluster's size. */
  suspicionMs: 3_000,
  /** A suspect path is unreachable after so long; back, it owes so many answers. */
  pathSilenceMs: 1_000,
  pathProbation: 3,
  /** A tombstone outlives whatever partition is mended before somebody looks. */
  tombstoneMs: 300_000,
  /** Pauses before a seed, or an address of this node's own, is tried again. */
  seedBackoffMs: { least: 200, most: 10_000 },
  messageTimeoutMs: 10_000,
  requestTimeoutMs: 5_000,
  /** Requests without a reply. */
  requestsMax: 65_536,
} as const;
