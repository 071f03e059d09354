/** Every limit and default duration, with its reason. Times in milliseconds, sizes in bytes. */
export const limits = {
  /** One line, peek or read of a client: a header or a chat line, not a file. Chosen. */
  readBytesMax: 64 * 1024,
  /** A routing application asks and waits: a minute is long for a person, bearable for us. */
  readTimeoutMs: 60_000,
  /** A request's head or a ClientHello is a packet or two: a slow line needs seconds, not more. */
  headMs: 10_000,
  /** A ClientHello with post-quantum keys and many extensions has 2 to 4 KiB: four times that. */
  helloBytesMax: 16 * 1024,
  /** All its bytes are here when it is parsed, in 0.2 ms: a parser that waits for more fails. */
  helloParseMs: 1_000,
  /** After a refusal, how long a client may take to read it, sending on: a round trip or two. */
  lingerMs: 2_000,
  /** Bytes read and not consumed that travel with a transfer: 16 of the socket's own buffers. */
  unreadBytesMax: 1024 * 1024,
  /** The same where a relay's loopback holds them: Linux lets it grow to 6 MiB and 4 MiB. */
  relayedBytesMax: 16 * 1024 * 1024,
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
  /** A denied lease is asked for again, should nobody say that it was freed. */
  retryMs: 50,
  /** What a node's thread may take to stop beyond its drains: a busy loop is not yet a dead one. */
  stopGraceMs: 2_000,
  /** Connections that the kernel keeps until they are accepted (listen(2)). */
  backlog: 4_096,

  /** Events that wait for one actor, unless it says otherwise. As @effect/cluster has it. */
  mailboxCapacity: 4_096,
  /** More than that is a queue, not a mailbox: 8 MiB of pointers. */
  mailboxCapacityMax: 1_048_576,
  /** Actors of one node that others can reach: each is a row at every other node. */
  actorsMax: 65_536,
  /** Addresses and shapes of events that both ends of a link number; the oldest goes first. */
  linkAddressesMax: 1_024,
  linkShapesMax: 1_024,
  /**
   * Events, and characters, under way on a link until the other end says that it took them. More
   * than a thread works off before the other one wakes up, and no more memory than a node can miss.
   */
  linkEventsMax: 4_096,
  linkCharactersMax: 4 * 1024 * 1024,
  /** A post leaves when it holds this much: one post costs as much as ten events. */
  parcelEvents: 256,
  parcelCharacters: 64 * 1024,
  /** Events that one actor takes before others of its node have their turn. */
  turnEvents: 256,
  /** Then the sockets and timers of the thread have theirs. */
  turnMs: 4,
  /** Asks of one node without an answer. */
  asksMax: 65_536,
  askTimeoutMs: 5_000,
  /** An ask that waits this long is looked at: it may wait for itself. Half of "at once". */
  askSuspectMs: 100,
  /** Actors on the way of one ask; a longer way is no cycle that anyone would write. */
  askPathMax: 64,
  /** Undeliverable events that are kept to be looked at; all are counted. */
  deadLettersKept: 256,
  /** Restarts within a minute, as OTP's supervisors count them; then it is given up. */
  restartsMax: 5,
  restartWindowMs: 60_000,
  /** Crashes that a supervision remembers: who allows more restarts does not limit them. */
  restartsCountedMax: 1_000,
  /** The first restart comes soon, the later ones let the world recover. Chosen. */
  backoffMs: { least: 100, most: 10_000 },
  /** How often a node tells its figures: 10 µs of work, four times a second. */
  vitalSignsMs: 250,
  /** An event loop that has not turned for so long is blocked: clients feel less than that. */
  blockedMs: 1_000,

  /** Nodes of one cluster of threads: their index is 8 bits of a custody word. */
  nodesMax: 255,
  /** Custody slots of each node: twice what may be under way, so that reclaiming never waits. */
  custodySlotsPerNode: 512,
  /** A VIPA's earlier owners add none to what is counted; to count it takes 1.5 ms at most. */
  recountMs: 1_000,
  /** Rows of the routing table's copy in shared memory, 64 bytes each: 4 MiB. */
  routesMax: 65_536,

  // Data ports.
  /** A frame's body: the cost of a write is spread over it, and control waits behind one. */
  frameBodyBytesMax: 64 * 1024,
  /** Rooms for such bodies that a thread keeps for the next ones: 4 MiB. */
  bodiesKept: 64,
  /** A message that is larger is a file: send it in pieces. Chosen. */
  messageBytesMax: 16 * 1024 * 1024,
  /** Bytes of one channel that are not yet applied: 100 ms of a path of 640 Mbit/s. */
  portWindowBytes: 8 * 1024 * 1024,
  portWindowBytesMax: 1024 * 1024 * 1024,
  /** Channels and logical connections of one port; a stream's number has 8 bits for its lane. */
  portChannelsMax: 64,
  portLinksMax: 16,
  /** Two, so that one may be lost. */
  portLinks: 2,
  /** Lanes of a keyed channel: what is lost holds up one key in sixteen until it is sent again. */
  keyLanes: 16,
  /** Frames that may come before one that is missing; a sender keeps to half of it. */
  framesAheadMax: 65_536,
  /** Ports that one node has accepted, and connections to it that have not said hello. */
  portsMax: 1_024,
  hellosMax: 256,
  /** A hello comes with the connection; a slow line needs seconds, not more. */
  helloMs: 2_000,
  /** Addresses of one node, and nodes whose addresses are remembered. */
  nodeAddressesMax: 16,
  nodesKnownMax: 4_096,
  /** Bytes under way on one path, at least: two frames, or it would stand still between them. */
  pathUnderwayBytesMin: 128 * 1024,
  /**
   * What the paths of a port have under way beside their round trips, while two event loops turn:
   * what stays in a processor's cache (more is slower) and is 1 ms to wait for (bench data-port).
   */
  turnaroundBytesMax: 768 * 1024,
  /** What is assumed of a path before it is measured: 100 Mbit/s, in bytes a millisecond. */
  pathRateBegin: 12_500,
  /** What both event loops take to turn, beside the round trip. Measured: 0.2 to 2 ms. */
  turnaroundMs: 2,
  /** A least round trip is measured anew after so long, as BBR does. */
  leastRttMs: 10_000,
  /** A path is asked so often whether it answers, and looked at so often while it should. */
  heartbeatMs: 100,
  lookMs: 20,
  /** Silence of a fast path that makes it suspect: as SRT bonding has it. */
  suspicionMs: 60,
  /** A suspected path that stays silent so long is reset. */
  pathDeadMs: 250,
  /** A dial on a network that loses the first packet takes a second. */
  dialMs: 1_500,
  closeMs: 100,
  redialMs: { least: 20, most: 1_000 },
  /** Chance that is added to a pause, so that many ports do not dial at once. */
  redialJitter: 0.5,
  portOpenMs: 5_000,
  /** A port without any path for so long is given up, at both ends. */
  portAbandonMs: 30_000,
  portDrainMs: 5_000,

  // Mirrors.
  /** The unit of marks: what is copied of a block of which one byte was missed; 1 bit of a map. */
  mirrorBlockBytes: 64 * 1024,
  /** A write is one message, and a torn one is done again whole from a journal. Chosen. */
  mirrorWriteBytesMax: 1024 * 1024,
  /** An outage of 1 s at 8 MB/s is made good without reading the file. */
  mirrorBacklogBytes: 8 * 1024 * 1024,
  mirrorBacklogBytesMax: 1024 * 1024 * 1024,
  /** What a replica's end reads beyond what it is applying; then its channel waits. */
  mirrorQueueBytes: 4 * 1024 * 1024,
  /** Writes that are done again after an end: at most so much, and one batch, of reading. */
  mirrorJournalBytes: 16 * 1024 * 1024,
  /** Marks that stay in the file though nothing is missing: 64 MiB are copied in vain, at most. */
  mirrorHotBlocks: 1_024,
  /** A range whose sums are compared at once: no write goes on while it is read, for some 5 ms. */
  mirrorSumsBytes: 4 * 1024 * 1024,
  /** Ranges that a verification names. */
  mirrorRangesMax: 1_000,
  /** Replicas that one receiving side has open: two descriptors each. */
  mirrorReplicasMax: 256,
  mirrorOpenMs: 2_000,
  /** Without any path for so long, a mirror without backups dials anew: the target may be new. */
  mirrorAbandonMs: 1_000,
  mirrorGreetMs: 5_000,
  mirrorDrainMs: 5_000,
  mirrorRetryMs: { least: 50, most: 2_000 },
  /** How often a file that others write is asked whether it was modified. */
  mirrorLookMs: 200,
  /** Two changes within a tick of a file system's clock have one time: 4 ms of ext4, others 10. */
  mirrorTickMs: 20,
} as const;
