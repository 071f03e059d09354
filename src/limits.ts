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

  // Nodes of other processes.
  /**
   * A part of a parcel between processes: so that a small one waits for 2 ms of a fast network, no
   * more.
   */
  linkPartBytes: 32 * 1024,
  /** Parts under way on such a link: 512 KiB, what a round trip of 4 ms carries at a gigabit. */
  linkPartsUnderwayMax: 16,
  /** What may wait behind them, and one parcel: every offer of a full stack with a large state. */
  linkWaitingBytesMax: 64 * 1024 * 1024,
  linkParcelBytesMax: 64 * 1024 * 1024,

  /** Sockets that have come to a relay and shown nothing: every transfer under way, 16 times. */
  relayStrangersMax: 4_096,

  /** A relay's door that does not open in this time is passed over: twice a long round trip. */
  doorMs: 300,

  /** Where a way is cut, its routes are looked after so often: a start of `ip` takes 2 ms. */
  routesRestoredMs: 1_000,

  /** What a node says to others as it leaves: a few round trips, or they find out by themselves. */
  goodbyeMs: 500,
  /** Ports of a block: z/OS's unit; leased so, a thousand connections a second lock 16 times. */
  portBlock: 64,
  /** Another block is asked for when fewer are free: half of one, before the last is gone. */
  portsLow: 32,
  /** Blocks without a port in use: more than these are given back, down to those kept. */
  portBlocksSpare: 3,
  portBlocksKept: 2,
  /** When the pool had none to lease: the time in which a thousand closes a second free a block. */
  portsRetryMs: 64,
  /** The pool where none is said: below the ports that Linux gives out by itself, from 32768. */
  portsFirst: 10_240,
  portsLast: 32_767,
  /** TIME_WAIT of Linux: as long a port rests once its connection has closed. */
  portRestMs: 60_000,
  /** Ports that turn out to be another program's, one after another, before it is given up. */
  portTriesMax: 5,
  /** Ports of a stack in blocks that others lease: listeners, of which there are a few. */
  portGuestsMax: 56,
  /** Stacks of other processes of the host, each a row in every pool. Chosen. */
  portProcessesMax: 16,
  /** Rows of a table of source ports, 64 bytes each: 1 MiB. */
  portRowsMax: 16_384,
  /** Of a small pool, rows for each of its ports: the probes of a table half full are short. */
  portRowsEach: 16,
  /** Addresses of one range that share ports at a time, each with pools of its own. Chosen. */
  portRangePools: 8,
  /** Exhaustion is warned of when less than this share of a pool is free. Chosen. */
  portsWarnShare: 0.1,

  /** A context or event in the inspector: what a person reads of it, and a small part of 1 ms. */
  inspectedCharactersMax: 16 * 1024,
  /** One text in it, its depth, and the entries of one list: more is scrolled over. Chosen. */
  inspectedStringMax: 2_000,
  inspectedDepthMax: 8,
  inspectedEntriesMax: 64,
  /** A thread tells 40 times a second: a screen shows no more. */
  inspectFlushMs: 25,
  /** Records each time, 1 600 a second, of 10 to 20 µs each: beyond them only what is new then. */
  inspectRecordsMax: 40,
  /** At once, after a while in which less was told: 50 clients that move together are 900. */
  inspectBurstMax: 1_000,
  /** What of its time a thread may spend on finding out what was missed: a twentieth. */
  inspectRestFactor: 19,
  /** What a page that opens later can step back over: 200 transitions of 100 actors. */
  inspectKeptBytes: 16 * 1024 * 1024,
  /** What waits for a page that does not read; then it is left out until it does. */
  inspectWaitingBytes: 4 * 1024 * 1024,
  /** One that has not read for so long is let go. */
  inspectStalledMs: 30_000,
  /** Pages, and clients of Stately's protocol, at once. */
  inspectWatchersMax: 32,
  /** One message of a page, or of a client of Stately's protocol that tells of its actors. */
  inspectMessageBytesMax: 1024 * 1024,
  /** Rows of a table that the inspector is sent: more is searched, not read. */
  inspectRowsMax: 2_000,
  /** A recording that is opened: an hour of a busy demo. */
  recordingBytesMax: 256 * 1024 * 1024,
  // Cluster messages.
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
  gossipFanout: 3,
  /** Rows of one answer; the next heartbeat brings more. */
  rowBytesPerAnswer: 64 * 1024,
  /** Waiting for an answer: SRT's least, RFC 6298's first (a fifth of it), and a bound. */
  patienceMs: { least: 60, first: 100, most: 1_000 },
  /** An event loop that is late by so much makes no accusations. */
  lagMs: 100,
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
  // Data ports.
  /** A frame's body: the cost of a write is spread over it, and control waits behind one. */
  frameBodyBytesMax: 64 * 1024,
  /** Rooms for such bodies that a thread keeps for the next ones: 4 MiB. */
  bodiesKept: 64,
  /** A message that is larger is a file: send it in pieces. Chosen. */
  portMessageBytesMax: 16 * 1024 * 1024,
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
  /** Bytes under way on one path beside all else: a frame that leaves, and one that arrives. */
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
  pathHeartbeatMs: 100,
  lookMs: 20,
  /** Silence of a fast path that makes it suspect: as SRT bonding has it. */
  pathSuspicionMs: 60,
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
} as const;
