/**
 * A row of the cluster destination address table (CM-2): one node, written by itself alone (CM-5).
 * What is above it in (incarnation, version, status) replaces it; the status decides between a row
 * and its tombstone, so that of two rows one is always the later, whoever compares them.
 */
import { createHash } from 'node:crypto';
import type { NodeId } from '../../actors/vocabulary.ts';
import { ByteWriter, Malformed, type ByteReader } from '../wire/bytes.ts';
import { limits } from '../limits.ts';

/** `gone`: another observer declares so, of exactly that row; `left`: its own last word. */
export const rowStatuses = ['present', 'gone', 'left'] as const;
export type RowStatus = (typeof rowStatuses)[number];

const adapterStatuses = ['up', 'down'] as const;

/** One adapter of a node, as its owner tells of it; the first of a row is the primary. */
export interface AdapterRow {
  /** IPv4 or IPv6, in its shortest form. */
  readonly address: string;
  /** Where its messenger listens (UDP). */
  readonly port: number;
  /** Where its data ports listen (TCP), if they do. */
  readonly dataPort?: number;
  /** As the owner sees its own end. */
  readonly status: (typeof adapterStatuses)[number];
  /** A word for people and policies: `ethernet`, `loopback`, `wifi`. */
  readonly type: string;
  /** Bytes of the largest IP packet. */
  readonly mtu: number;
  /** Leading bits of the subnet: who shares them is on the link, others are behind a router. */
  readonly prefix: number;
  /** The next hop for who does not share the link. */
  readonly router?: string;
  /** Differentiated services code point (RFC 2474), 0 to 63. */
  readonly classOfService: number;
}

export interface Row {
  readonly node: NodeId;
  /** Grows each time the node starts; 40 bits. */
  readonly incarnation: number;
  /** Grows each time its row changes; 22 bits. */
  readonly version: number;
  readonly status: RowStatus;
  /** In the order in which they are to be tried. A tombstone keeps them: it may be refuted. */
  readonly adapters: readonly AdapterRow[];
}

export const incarnationMax = 2 ** 40 - 1;
export const versionMax = 2 ** 22 - 1;

/** More than 0 where `a` replaces `b`; 0 only where they are the same word of the same owner. */
export const compareRows = (a: Stamp, b: Stamp): number =>
  a.incarnation - b.incarnation ||
  a.version - b.version ||
  rowStatuses.indexOf(a.status) - rowStatuses.indexOf(b.status);
export type Stamp = Pick<Row, 'incarnation' | 'version' | 'status'>;

/** A row's 64 bits, most significant first; it is the same wherever the row is. */
export interface Hash {
  readonly high: number;
  readonly low: number;
}
const hashes = new WeakMap<Row, Hash>();
const scratch = new ByteWriter(1_024);

export function hashOf(row: Row): Hash {
  const known = hashes.get(row);
  if (known) return known;
  scratch.end = 0;
  writeRow(scratch, row);
  const digest = createHash('sha256').update(scratch.bytes.subarray(0, scratch.end)).digest();
  const hash = { high: digest.readInt32BE(0), low: digest.readInt32BE(4) };
  hashes.set(row, hash);
  return hash;
}

export function writeRow(writer: ByteWriter, row: Row): void {
  writer.text(row.node);
  writer.fixed(row.incarnation, 5);
  writer.fixed(row.version, 3);
  writer.byte(rowStatuses.indexOf(row.status));
  writer.byte(row.adapters.length);
  for (const adapter of row.adapters) {
    writer.text(adapter.address);
    writer.varint(adapter.port);
    writer.varint(adapter.dataPort ?? 0);
    writer.byte(adapterStatuses.indexOf(adapter.status));
    writer.text(adapter.type);
    writer.varint(adapter.mtu);
    writer.byte(adapter.prefix);
    writer.text(adapter.router ?? '');
    writer.byte(adapter.classOfService);
  }
}

/** The inverse. Throws `Malformed`. */
export function readRow(reader: ByteReader): Row {
  const node = reader.text() as NodeId;
  if (node.length === 0 || node.length > limits.nameLengthMax) throw new Malformed('a name');
  const incarnation = reader.fixed(5);
  const version = reader.fixed(3);
  const status = wordOf(rowStatuses, reader.byte());
  const count = reader.byte();
  if (count > limits.adaptersMax) throw new Malformed(`${count} adapters`);
  const adapters = Array.from({ length: count }, () => readAdapter(reader));
  return { node, incarnation, version, status, adapters };
}

function readAdapter(reader: ByteReader): AdapterRow {
  const address = reader.text();
  const port = reader.varint();
  const dataPort = reader.varint();
  const status = wordOf(adapterStatuses, reader.byte());
  const type = reader.text();
  const mtu = reader.varint();
  const prefix = reader.byte();
  const router = reader.text();
  const classOfService = reader.byte();
  if (port > 65_535 || dataPort > 65_535 || mtu < mtuMin) throw new Malformed('an adapter');
  return {
    address,
    port,
    ...(dataPort === 0 ? {} : { dataPort }),
    status,
    type,
    mtu,
    prefix,
    ...(router === '' ? {} : { router }),
    classOfService,
  };
}

/** What every IPv4 host takes whole (RFC 791); an MTU below it is no MTU. */
export const mtuMin = 576;

function wordOf<Word>(words: readonly Word[], index: number): Word {
  const word = words[index];
  if (word === undefined) throw new Malformed(`word ${index}`);
  return word;
}
