/** What became of datagrams and messages: each that is dropped is counted, by its cause (CM-10). */

export interface MessagingCounters {
  datagramsSent: number;
  bytesSent: number;
  datagramsReceived: number;
  /** The kernel refused to send it. */
  unsent: number;
  /** No datagram of ours, or none that can be read though it is authentic. */
  malformed: number;
  /** Sealed with a key that is none of the two here. */
  foreign: number;
  /** Tampered with on its way. */
  forged: number;
  replayed: number;
  /**
   * Of an earlier life of its sender, or of another while one is alive; or to an earlier one of
   * this node.
   */
  stale: number;
  /** From this node itself, or from another of the same name. */
  reflected: number;
  /** Segments sent again. */
  resent: number;
  /** Messages whose kind nobody listens to. */
  unheard: number;
  /** Messages that may be lost and lacked a piece too long. */
  incomplete: number;
}

export const newCounters = (): MessagingCounters => ({
  datagramsSent: 0,
  bytesSent: 0,
  datagramsReceived: 0,
  unsent: 0,
  malformed: 0,
  foreign: 0,
  forged: 0,
  replayed: 0,
  stale: 0,
  reflected: 0,
  resent: 0,
  unheard: 0,
  incomplete: 0,
});
