/** What the benchmark asks of its processes, and what they answer. */

/**
 * On arrival, a client moves when it has spoken, and if that is timed, what its freeze took is
 * noted. In the other two it waits until all have spoken.
 */
export type Pace = 'arrival' | 'timed arrival' | 'one by one' | 'all at once';

/** To a process that serves clients. */
export type SubjectCommand =
  | { type: 'port' }
  /** The next `count` clients are moved at that pace. */
  | { type: 'expect'; count: number; pace: Pace }
  /** Answered when that many of them have moved, and nothing of their transfers is under way. */
  | { type: 'settled'; count: number }
  /** How they have moved; answered when all have. */
  | { type: 'moved' }
  /** What went wrong with a client, if anything did. */
  | { type: 'failure' }
  /** Answered when no client is left. */
  | { type: 'emptied' }
  /** The least while the process is idle for that long. */
  | { type: 'memory'; idleMs: number };

/** How the expected clients have moved. */
export interface Moved {
  /** From the first wish to the last answer. */
  readonly elapsedMs: number;
  /** For each client whose arrival was timed, how long nobody read it. */
  readonly frozenMs: readonly number[];
}

/** In bytes; heap is the sum over the threads. */
export interface Memory {
  readonly heap: number;
  readonly resident: number;
}

/**
 * Whether a client says its line when it is connected. `answered`: and only when the answer is in,
 * another connects; so a busy machine is not asked for more than it can do.
 */
export type Words = 'none' | 'spoken' | 'answered';

/** To the process that holds the clients, which are kept in sets by name. */
export type ClientCommand =
  /** Answered when all are connected. */
  | { type: 'open'; set: string; port: number; count: number; words: Words }
  /** The next of the silent clients speaks; answered when it is served. */
  | { type: 'speak'; set: string }
  /** Answered when all have been answered: they are served. */
  | { type: 'greeted'; set: string }
  | { type: 'close'; set: string }
  /** Each client sends a request when the answer to its last is in. */
  | { type: 'echo'; set: string; ms: number }
  /** The first client sends as fast as its bytes come back. */
  | { type: 'bulk'; set: string; ms: number };

/** What came back, and in how long. */
export interface Echoed {
  readonly requests: number;
  readonly bytes: number;
  readonly elapsedMs: number;
}

/** What a client says first, and is told when it is served. */
export const greeting = 'hello\n';
export const welcome = 'ok\n';

/** Of the clock that all threads of this machine share. */
export const now = (): number => Number(process.hrtime.bigint()) / 1e6;
