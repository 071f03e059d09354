/**
 * What each frame of an authentic datagram comes to. Those that must not be taken twice count only
 * if they are to this life of this node.
 */
import { limits } from '../limits.ts';
import { ByteReader, Malformed } from '../wire/bytes.ts';
import type { NodeId } from '../../actors/vocabulary.ts';
import type { Clock } from './clock.ts';
import type { MessagingCounters } from './counters.ts';
import type { Exchange } from './exchange.ts';
import {
  frameOverhead,
  frames,
  readAck,
  readClaim,
  readFragment,
  readSegment,
  writeAck,
  writeNumbered,
} from './frames.ts';
import type { Gossip } from './gossip.ts';
import type { Peer } from './peer.ts';
import type { Peers } from './peers.ts';
import type { Probing } from './probing.ts';
import type { Arrival, Transport } from './transport.ts';
import type { Ways } from './ways.ts';

export interface ReceptionWorld {
  readonly clock: Clock;
  readonly counters: MessagingCounters;
  readonly peers: Peers;
  readonly ways: Ways;
  readonly gossip: Gossip;
  readonly probing: Probing;
  readonly exchange: Exchange;
  readonly transport: Transport;
  /** Whether messages are taken: not before it runs, nor after. */
  readonly isTaking: () => boolean;
  readonly onAcknowledged: (peer: Peer) => void;
}

export class Reception {
  readonly #world: ReceptionWorld;
  /** Whose segments are acknowledged at the end of this turn, over the way they came. */
  #due = new Map<Peer, Arrival>();

  constructor(world: ReceptionWorld) {
    this.#world = world;
  }

  /** Throws `Malformed`. */
  take(arrival: Arrival, reader: ByteReader): void {
    this.#world.peers.heard(arrival.peer, 'it answers');
    while (reader.left > 0) this.#frame(arrival, reader);
  }

  #frame(arrival: Arrival, reader: ByteReader): void {
    const { gossip, probing } = this.#world;
    const type = reader.byte();
    switch (type) {
      case frames.ping:
        this.#answer(arrival, reader.varint());
        return;
      case frames.pong:
        probing.onPong(reader.varint(), arrival);
        return;
      case frames.summary:
        gossip.onSummary(reader, arrival);
        return;
      case frames.digests:
        gossip.onDigests(reader, arrival);
        return;
      case frames.rows:
        gossip.onRows(reader);
        return;
      case frames.seek:
        probing.onSeek(reader.text() as NodeId, arrival.peer);
        return;
      case frames.found:
        probing.onFound(reader.text() as NodeId);
        return;
      case frames.claim: // To who had this address before.
        readClaim(reader);
        return;
      default:
        this.#once(type, arrival, reader);
    }
  }

  /** What must be taken once. */
  #once(type: number, arrival: Arrival, reader: ByteReader): void {
    const isMine = arrival.isToMe && this.#world.isTaking();
    if (!isMine) this.#world.counters.stale += 1;
    switch (type) {
      case frames.segment: {
        const segment = readSegment(reader);
        if (isMine) this.#onSegment(segment, arrival);
        return;
      }
      case frames.ack: {
        const ack = readAck(reader);
        if (isMine) this.#onAck(ack, arrival);
        return;
      }
      case frames.message: {
        const block = reader.block();
        if (isMine) this.#world.exchange.take(new ByteReader(block), arrival.peer);
        return;
      }
      case frames.fragment: {
        const fragment = readFragment(reader);
        if (isMine) this.#onFragment(fragment, arrival.peer);
        return;
      }
      default:
        throw new Malformed(`frame ${type}`);
    }
  }

  #answer({ own, address, port, peer }: Arrival, number: number): void {
    const { transport } = this.#world;
    const to = transport.destination(own, { address, port }, peer.session);
    transport.put(to, frameOverhead, (writer) => writeNumbered(writer, frames.pong, number));
  }

  #onSegment(segment: ReturnType<typeof readSegment>, arrival: Arrival): void {
    if (this.#due.size === 0) this.#world.clock.defer(() => this.#acknowledge());
    this.#due.set(arrival.peer, arrival);
    const { exchange } = this.#world;
    arrival.peer.inbound.take(segment, (record) => exchange.take(record, arrival.peer));
  }

  #acknowledge(): void {
    const due = this.#due;
    this.#due = new Map();
    const { transport } = this.#world;
    for (const [peer, { own, address, port }] of due) {
      const to = transport.destination(own, { address, port }, peer.session);
      const { ack } = peer.inbound;
      transport.put(to, ackBytes, (writer) => writeAck(writer, ack));
    }
    transport.flush();
  }

  #onAck(ack: ReturnType<typeof readAck>, { peer, address, port }: Arrival): void {
    const path = peer.pathAt(address, port);
    if (path) this.#world.ways.answered(peer, path);
    peer.outbound?.acknowledge(ack);
    this.#world.onAcknowledged(peer);
  }

  #onFragment(fragment: ReturnType<typeof readFragment>, peer: Peer): void {
    const now = this.#world.clock.now();
    this.#world.counters.incomplete += peer.fragments.expire(now);
    const whole = peer.fragments.add(fragment, now);
    if (whole && whole.length <= limits.messageBytesMax + frameOverhead) {
      this.#world.exchange.take(new ByteReader(whole), peer);
    }
  }
}

/** Epoch, offset, and sixteen ranges. */
const ackBytes = 300;
