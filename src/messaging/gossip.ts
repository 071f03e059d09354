/**
 * How tables become equal (CM-5): a change is passed on at once to a few others, and by them; what
 * that misses, heartbeats find by comparing hashes, then digests, and sending only rows that the
 * other lacks (SWIM's dissemination, Scuttlebutt's reconciliation).
 */
import type { NodeId } from '../../actors/vocabulary.ts';
import { limits } from '../limits.ts';
import { ByteWriter, type ByteReader } from '../wire/bytes.ts';
import { isSameHash, rowOf, rowsOf } from './address-table.ts';
import type { Clock } from './clock.ts';
import {
  keyOf,
  readDifferingBuckets,
  readDigests,
  smallClusterMax,
  writeBuckets,
  writeDigests,
  type Digests,
} from './digest.ts';
import type { Directory } from './directory.ts';
import { frames, readRows, writeRows, type AgedRow } from './frames.ts';
import type { Peer } from './peer.ts';
import { compareRows, type Row } from './row.ts';
import type { Arrival, Transport } from './transport.ts';
import type { Ways } from './ways.ts';
import type { Destination } from './corks.ts';

export interface GossipWorld {
  readonly clock: Clock;
  readonly directory: Directory;
  readonly ways: Ways;
  readonly transport: Transport;
  /** A whole number from 0, less than `end`. */
  readonly random: (end: number) => number;
  readonly others: (count: number, besides: NodeId | undefined) => Peer[];
}

const asks = 1;
const withBuckets = 2;
/** Changes of one turn that are passed on at once; a whole table goes by heartbeats. */
const rumoursMax = 32;

export class Gossip {
  readonly #world: GossipWorld;
  readonly #scratch = new ByteWriter(2_048);
  #rumours: Row[] = [];

  constructor(world: GossipWorld) {
    this.#world = world;
  }

  /** To one peer: what is here, as short as it can be said. */
  greet(peer: Peer): void {
    const to = this.#destination(peer);
    if (to) this.introduce(to, peer);
  }

  /** One row, by every way: there is no second time. */
  tell(peer: Peer, row: Row): void {
    const { ways, transport } = this.#world;
    for (const { path, own } of ways.all(peer)) {
      this.#sendRows(transport.destination(own, path.adapter, peer.session), [row]);
    }
  }

  /** The same to an address; of a peer that is known, less may do. */
  introduce(to: Destination, peer?: Peer): void {
    const { table } = this.#world.directory;
    const isEqual = peer?.tableHash !== undefined && isSameHash(peer.tableHash, table.hash);
    if (isEqual || table.size > smallClusterMax) this.#sendSummary(to, asks, !isEqual);
    else this.#sendDigests(to, false);
  }

  /** A row has changed here: others are told at the end of the turn. */
  spread(row: Row): void {
    if (this.#rumours.length === 0) this.#world.clock.defer(() => this.#passOn());
    this.#rumours.push(row);
  }

  onSummary(reader: ByteReader, arrival: Arrival): void {
    const { directory } = this.#world;
    const flags = reader.byte();
    const hash = { high: reader.fixed(4) | 0, low: reader.fixed(4) | 0 };
    arrival.peer.tableHash = hash;
    const { table } = directory;
    const differing = (flags & withBuckets) === 0 ? undefined : readDifferingBuckets(reader, table);
    if (isSameHash(hash, table.hash)) return;
    const to = this.#back(arrival);
    if (differing) this.#sendDigests(to, false, differing);
    else if (table.size > smallClusterMax) this.#sendSummary(to, flags & asks ? 0 : asks, true);
    else this.#sendDigests(to, false);
  }

  onDigests(reader: ByteReader, arrival: Arrival): void {
    const isLast = reader.byte() === 1;
    const digests = readDigests(reader);
    const { newer, isBehind } = this.#compare(digests);
    const to = this.#back(arrival);
    this.#sendRows(to, newer);
    if (isBehind && !isLast) this.#sendDigests(to, true, digests.buckets);
  }

  onRows(reader: ByteReader): void {
    for (const aged of readRows(reader)) this.#world.directory.put(aged);
  }

  /** A node that does not know that its life is over, or not its only one, is told by its row. */
  tellRow({ peer, own, address, port }: Arrival, session: string): void {
    const { directory, transport } = this.#world;
    const row = rowOf(directory.table, peer.node);
    if (row) this.#sendRows(transport.destination(own, { address, port }, session), [row]);
  }

  #passOn(): void {
    const rumours = this.#rumours.slice(0, rumoursMax);
    this.#rumours = [];
    for (const peer of this.#world.others(limits.gossipFanout, undefined)) {
      const to = this.#destination(peer);
      if (to) this.#sendRows(to, rumours);
    }
  }

  #destination(peer: Peer): Destination | undefined {
    const { ways, transport } = this.#world;
    const way = ways.to(peer);
    if (!way) return undefined;
    const body = way.path.bodyBytes(way.own.row.mtu);
    return transport.destination(way.own, way.path.adapter, peer.session, body);
  }

  /** What is later here than there, and whether anything is later there. */
  #compare({ salt, buckets, stamps }: Digests): { newer: Row[]; isBehind: boolean } {
    const { table } = this.#world.directory;
    const mine = buckets
      ? buckets.flatMap((index) => [...(table.buckets[index]?.rows.values() ?? [])])
      : rowsOf(table);
    const newer: Row[] = [];
    const known = new Set<number>();
    let isBehind = false;
    for (const row of mine) {
      const key = keyOf(row.node, salt);
      const stamp = stamps.get(key);
      known.add(key);
      const order = stamp ? compareRows(row, stamp) : 1;
      if (order > 0) newer.push(row);
      else if (order < 0) isBehind = true;
    }
    return { newer, isBehind: isBehind || [...stamps.keys()].some((key) => !known.has(key)) };
  }

  #sendSummary(to: Destination, flags: number, hasBuckets: boolean): void {
    const { transport, directory } = this.#world;
    const { table } = directory;
    const isLarge = hasBuckets && table.size > smallClusterMax;
    transport.put(to, 10 + (isLarge ? 256 : 0), (writer) => {
      writer.byte(frames.summary);
      writer.byte(flags | (isLarge ? withBuckets : 0));
      writer.fixed(table.hash.high >>> 0, 4);
      writer.fixed(table.hash.low >>> 0, 4);
      if (isLarge) writeBuckets(writer, table);
    });
  }

  /** Buckets whose digests one datagram holds; others wait for the next heartbeat. */
  #sendDigests(to: Destination, isLast: boolean, buckets?: readonly number[]): void {
    const { directory, transport, random } = this.#world;
    const told = buckets && this.#fitting(buckets, to.bodyBytes);
    const scratch = this.#scratch;
    scratch.end = 0;
    scratch.byte(frames.digests);
    scratch.byte(isLast ? 1 : 0);
    const salt = random(2 ** 32);
    writeDigests(scratch, directory.table, { salt, ...(told && { buckets: told }) });
    transport.put(to, scratch.end, (writer) => writer.raw(scratch.bytes.subarray(0, scratch.end)));
  }

  #fitting(buckets: readonly number[], bodyBytes: number): number[] {
    const { table } = this.#world.directory;
    let left = Math.floor((bodyBytes - 100) / 12);
    return buckets.filter((index) => {
      left -= (table.buckets[index]?.rows.size ?? 0) + 1;
      return left > 0;
    });
  }

  /** As many datagrams as they take, within what one answer may be. */
  #sendRows(to: Destination, rows: readonly Row[]): void {
    const { directory, transport } = this.#world;
    let left = limits.rowBytesPerAnswer;
    let batch: AgedRow[] = [];
    let size = 0;
    const send = () => {
      const sent = batch;
      if (sent.length > 0) transport.put(to, size + 8, (writer) => writeRows(writer, sent));
      batch = [];
      size = 0;
    };
    for (const row of rows) {
      const bytes = sizeOf(row);
      left -= bytes;
      if (left < 0) break;
      if (size + bytes + 100 > to.bodyBytes) send();
      batch.push(directory.aged(row));
      size += bytes;
    }
    send();
  }

  #back({ own, address, port, peer }: Arrival): Destination {
    const path = peer.pathAt(address, port);
    const body = path?.bodyBytes(own.row.mtu);
    return this.#world.transport.destination(own, { address, port }, peer.session, body);
  }
}

/** Bytes of a row at most, with its age. */
const sizeOf = ({ node, adapters }: Row): number =>
  24 +
  node.length * 3 +
  adapters.reduce(
    (sum, { address, type, router }) =>
      sum + 24 + address.length + type.length * 3 + (router?.length ?? 0),
    0,
  );
