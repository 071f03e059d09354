/** Limits of the inspector; part of `limits`. Times in milliseconds, sizes in bytes. */
export const inspectLimits = {
  /** A context or event in the inspector: what a person reads of it, and a small part of 1 ms. */
  inspectedCharactersMax: 16 * 1024,
  /** One text in it, its depth, and the entries of one list: more is scrolled over. Chosen. */
  inspectedStringMax: 2_000,
  inspectedDepthMax: 8,
  inspectedEntriesMax: 64,
  /** A thread tells 40 times a second: a screen shows no more. */
  inspectFlushMs: 25,
  /** Records each time, 800 a second, of 10 to 20 µs each: beyond them only what is new then. */
  inspectRecordsMax: 20,
  /** Actors that are told of at once as they are, because steps of them were missed. Chosen. */
  inspectCaughtUpMax: 160,
  /** At once, after a while in which less was told: 50 clients that move together are 900. */
  inspectBurstMax: 1_000,
  /** The same in characters, should contexts be large: 5 MB a second; at once what a page takes. */
  inspectFlushCharacters: 128 * 1024,
  inspectBurstCharacters: 2 * 1024 * 1024,
  /** A transfer takes some; what takes longer is worth to be told of whenever somebody looks. */
  inspectBriefMs: 100,
  /** What of its time a thread may spend on finding out what was missed: a twentieth. */
  inspectRestFactor: 19,
  /** What a page that opens later can step back over: 200 transitions of 100 actors. */
  inspectKeptBytes: 16 * 1024 * 1024,
  /** What waits for a page that does not read; then it is left out until it does. */
  inspectWaitingBytes: 4 * 1024 * 1024,
  /** One that has not read for so long is let go. */
  inspectStalledMs: 30_000,
  /** How long a way is cut: suspected and unreachable take 4 s of it, and the rest is seen. */
  inspectCutMs: 10_000,
  /** Pages, and clients of Stately's protocol, at once. */
  inspectWatchersMax: 32,
  /** One message of a page, or of a client of Stately's protocol that tells of its actors. */
  inspectMessageBytesMax: 1024 * 1024,
  /** Rows of a table that the inspector is sent: more is searched, not read. */
  inspectRowsMax: 2_000,
  /** Of the map of a pool of source ports; more are drawn as if in order: 60 KB. */
  inspectRunsMax: 1_024,
  /** A recording that is opened: an hour of a busy demo. */
  recordingBytesMax: 256 * 1024 * 1024,
} as const;
