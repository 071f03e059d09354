/** Every limit and default duration, with its reason. Times in milliseconds, sizes in bytes. */
import { dataPortLimits } from './data-port/limits.ts';
import { inspectLimits } from './inspect/limits.ts';
import { messagingLimits } from './messaging/limits.ts';
import { portLimits } from './ports/limits.ts';

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

  ...messagingLimits,
  ...dataPortLimits,
  ...portLimits,
  ...inspectLimits,
} as const;
