/**
 * Where messages leave: to whom the table says (CM-2), over the reliable stream or as datagrams
 * that may be lost (CM-7); or to this node itself.
 */
import type { NodeId } from '../../actors/vocabulary.ts';
import { InterplexError } from '../errors.ts';
import { limits } from '../limits.ts';
import { ByteReader } from '../wire/bytes.ts';
import { rowOf, rowsOf } from './address-table.ts';
import type { Clock } from './clock.ts';
import type { MessagingCounters } from './counters.ts';
import type { Directory } from './directory.ts';
import { recordOf, type Message } from './exchange.ts';
import { fragmentsOf } from './fragments.ts';
import { frameOverhead, frames, nobody, writeFragment } from './frames.ts';
import { Peer } from './peer.ts';
import { lostError, type Peers } from './peers.ts';
import { encodeRecord, type OutgoingRecord } from './record.ts';
import type { Transport } from './transport.ts';
import type { Ways } from './ways.ts';

export interface PostWorld {
  readonly clock: Clock;
  readonly counters: MessagingCounters;
  readonly directory: Directory;
  readonly peers: Peers;
  readonly ways: Ways;
  readonly transport: Transport;
  /** A node of which nothing has come yet is asked for a word. */
  readonly greet: (peer: Peer) => void;
  /** What this node sends to itself. */
  readonly take: (record: ByteReader, from: Peer) => void;
}

export class Post {
  readonly #world: PostWorld;
  readonly #self: Peer;
  #lastFragment = 0;

  constructor(world: PostWorld) {
    this.#world = world;
    this.#self = new Peer(world.directory.self, world.clock.now());
  }

  /** Throws IPX_NODE_UNKNOWN or IPX_NODE_LOST. */
  peerOf(node: string): Peer {
    const { directory, peers } = this.#world;
    const known = peers.known(node as NodeId);
    if (known?.row?.status === 'present') return known; // Mostly; the rest is for the exceptions.
    const row = typeof node === 'string' ? rowOf(directory.table, node as NodeId) : undefined;
    if (!row) {
      const names = rowsOf(directory.table).map((one) => one.node);
      const sentence = `The table has no node "${node}"; it has: ${names.slice(0, 10).join(', ')}.`;
      throw new InterplexError('IPX_NODE_UNKNOWN', sentence);
    }
    if (row.node === directory.self) return this.#self;
    const peer = peers.of(row.node);
    const isLost = row.status !== 'present' && peer?.status !== 'alive';
    if (!peer || isLost) throw lostError(row.node);
    return peer;
  }

  /** Settles when the record was received. */
  add(peer: Peer, record: OutgoingRecord, timeoutMs: number): Promise<void> {
    try {
      if (peer === this.#self) {
        this.#loop(encodeRecord(record));
        return Promise.resolve();
      }
      const { peers, ways } = this.#world;
      const outbound = ways.outboundOf(peer);
      if (outbound.bytesKept > limits.outboundBytesMax) throw fullError(peer);
      const received = outbound.add(record, timeoutMs);
      peers.flushLater(peer);
      return received;
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** Throws IPX_MESSAGE_LIMIT or IPX_STATE_INVALID. */
  sendUnreliably(peer: Peer, message: Message): void {
    const { ways, transport, counters, greet } = this.#world;
    const bytes = encodeRecord(recordOf(message));
    if (peer === this.#self) {
      this.#loop(bytes);
      return;
    }
    const way = ways.to(peer);
    if (!way || peer.session === nobody) {
      counters.unsent += 1;
      greet(peer);
      return;
    }
    const { mtu } = way.own.row;
    const body = way.path.bodyBytes(mtu);
    const to = transport.destination(way.own, way.path.adapter, peer.session, body);
    const size = way.path.blockBytes(mtu);
    if (bytes.length <= size) {
      transport.put(to, bytes.length + frameOverhead, (writer) => {
        writer.byte(frames.message);
        writer.block(bytes);
      });
      return;
    }
    this.#lastFragment += 1;
    for (const fragment of fragmentsOf(this.#lastFragment, bytes, size)) {
      const room = fragment.bytes.length + frameOverhead;
      transport.put(to, room, (writer) => writeFragment(writer, fragment));
    }
  }

  #loop(record: Buffer): void {
    const { clock, take } = this.#world;
    clock.defer(() => take(new ByteReader(record), this.#self));
  }
}

const fullError = ({ node }: Peer) =>
  new InterplexError(
    'IPX_OUTBOUND_FULL',
    `More than ${limits.outboundBytesMax} bytes wait for node "${node}": await what was sent ` +
      'before sending more.',
  );
