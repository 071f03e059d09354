/** Limits of source ports; part of `limits`. Times in milliseconds, sizes in bytes. */
export const portLimits = {
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
  /** Ports of a stack, and of a process, in others' blocks: listeners, of which there are a few. */
  portGuestsMax: 56,
  /** Processes of a host that share the ports of an address. Chosen. */
  portProcessesMax: 16,
  /** Ports that a process leases of its host at once: at 6 000 connections a second every 40 ms. */
  portsOfHost: 256,
  /** Of a small pool no more than one in so many, that others find some. Chosen. */
  portHostShares: 8,
  /** How often a process asks again, after a pause, when its host had none: others give back. */
  portHostTries: 3,
  /** How often one connection asks for more ports, which others of its process took. Chosen. */
  portRefillTries: 64,
  /** How long a process is asked to lend a port: less than its coordinator is waited for. */
  portLendMs: 1_000,
  /** How long a port is waited for while no process coordinates. Chosen. */
  portSeatMs: 2_000,
  /** Rows of a table of source ports, 64 bytes each: 1 MiB. */
  portRowsMax: 16_384,
  /** Of a small pool, rows for each of its ports: the probes of a table half full are short. */
  portRowsEach: 16,
  /** Addresses of one range that share ports: the first that are used, each with its pools. */
  portRangePools: 8,
  /** Destinations told of each address of a node: the most used; a screen or two. Chosen. */
  portDestinationsShown: 100,
  /** Exhaustion is warned of when less than this share of a pool is free. Chosen. */
  portsWarnShare: 0.1,
} as const;
