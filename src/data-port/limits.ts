/** Limits of data ports; part of `limits`. Times in milliseconds, sizes in bytes. */
export const dataPortLimits = {
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
  /** Characters of a service's name, which each hello carries. */
  serviceNameMax: 255,
  /** A hello comes with the connection; a slow line needs seconds, not more. */
  helloMs: 2_000,
  /** Addresses of one node, and nodes whose addresses are remembered. */
  nodeAddressesMax: 16,
  nodesKnownMax: 4_096,
  /** Bytes under way on one path beside all else: while a frame arrives, the next one leaves. */
  pathUnderwayBytesMin: 64 * 1024,
  /**
   * What the paths of a port have under way beside their round trips, while two event loops turn.
   * Control waits behind it: with 768 KiB four times as long, and over one path bulk was slower,
   * since that is more than stays in a processor's cache (bench data-port).
   */
  turnaroundBytesMax: 128 * 1024,
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
