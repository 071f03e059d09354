/**
 * The way to one adapter of a peer: its statechart, its round trips, and how much it takes (CM-3,
 * CM-7). Its machine steps only when its status may change, never for a datagram.
 */
import type { pathMachine } from '../../actors/messaging/path.ts';
import { limits } from '../limits.ts';
import type { SteppedActor } from '../runtime/stepped-actor.ts';
import type { PathStatus } from './events.ts';
import { frameOverhead } from './frames.ts';
import { RoundTrip } from './round-trip.ts';
import type { AdapterRow } from './row.ts';
import { headerBytes, tagBytes } from './seal.ts';

export type PathActor = SteppedActor<typeof pathMachine>;

/** IPv6 and UDP: the larger of the two headings. */
const packetHeadBytes = 48;
/** Sender's name, incarnation, receiver's session. */
const senderBytes = 80;

export class PeerPath {
  readonly roundTrip = new RoundTrip();
  adapter: AdapterRow;
  /** In its node's row: 0 is the primary. */
  place: number;
  status: PathStatus = 'reachable';
  reason = 'its row is known';
  since: number;
  /** When an answer came over it last, and when something was last sent over it. */
  answeredAt = -Infinity;
  triedAt = -Infinity;
  actor: PathActor | undefined;
  /** The IP packet that this path has been found to take. */
  #mtu = Infinity;

  constructor(adapter: AdapterRow, place: number, now: number) {
    this.adapter = adapter;
    this.place = place;
    this.since = now;
  }

  get isUsable(): boolean {
    return this.status === 'reachable' && this.adapter.status === 'up';
  }

  /** The largest body from an adapter of this MTU. */
  bodyBytes(ownMtu: number): number {
    const packet = Math.min(ownMtu, this.adapter.mtu, this.#mtu) - packetHeadBytes;
    return Math.min(packet, limits.datagramBytesMax) - headerBytes - tagBytes;
  }

  /** The largest block of a frame that goes alone. */
  blockBytes(ownMtu: number): number {
    return this.bodyBytes(ownMtu) - senderBytes - frameOverhead;
  }

  /** Larger datagrams are lost, or refused: `false` if they cannot be made smaller. */
  narrow(ownMtu: number): boolean {
    const current = Math.min(ownMtu, this.adapter.mtu, this.#mtu);
    if (current <= mtuLeast) return false;
    this.#mtu = current > 2 * limits.segmentBytes ? limits.segmentBytes + 280 : mtuLeast;
    return true;
  }
}

/** What every IPv4 host takes (RFC 791): below it there is nothing to be tried. */
const mtuLeast = 576;
