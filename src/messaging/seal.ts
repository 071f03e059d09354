/**
 * What makes a datagram this cluster's (CM-10): AES-256-GCM under a key of the sender's session,
 * derived from the cluster's, so that no two senders ever share a nonce. The header is
 * authenticated with it. Of the ciphers of Node this one was the faster, from 8 KiB on by a third.
 *
 * ```
 * 0    version (1)
 * 1    mark of the key (2): the receiver's choice of the slot
 * 3    session (8): random, of one life of the sender
 * 11   number (6): of the datagram in its session, the nonce; its replay is known by it
 * 17   sealed body
 * end  tag (16)
 * ```
 */
import { createCipheriv, createDecipheriv, createHash, hkdfSync } from 'node:crypto';
import { InterplexError } from '../errors.ts';
import { limits } from '../limits.ts';

const datagramVersion = 1;
export const headerBytes = 17;
export const tagBytes = 16;
const keyBytes = 32;
const cipher = 'aes-256-gcm';

/** Where a datagram's session and number stand. */
const sessionAt = 3;
const sessionBytes = 8;
const numberAt = 11;

export interface Opened {
  /** As latin1 text. */
  readonly session: string;
  readonly number: number;
  readonly body: Buffer;
}
/** Why a datagram was not opened: it is none of ours, or of another key, or was tampered with. */
export type Unopened = 'malformed' | 'foreign' | 'forged';

/** How datagrams are closed and opened. */
export interface Sealer {
  seal(body: Uint8Array): Buffer;
  open(datagram: Buffer): Opened | Unopened;
  /** This key opens, beside the one that seals. Throws IPX_KEY_INVALID. */
  accept(key: Uint8Array): void;
  /** From now on this key seals; the one before opens on. Throws IPX_KEY_INVALID. */
  rotate(key: Uint8Array): void;
}

/** Throws IPX_KEY_INVALID. */
export function requireKey(key: Uint8Array): void {
  if (key instanceof Uint8Array && key.length === keyBytes) return;
  const found = key instanceof Uint8Array ? `${key.length} bytes` : typeof key;
  throw new InterplexError(
    'IPX_KEY_INVALID',
    `The cluster's key has ${keyBytes} random bytes, and this one is ${found}: ` +
      `make one with crypto.randomBytes(${keyBytes}) and give the same to every node.`,
  );
}

interface Slot {
  readonly key: Uint8Array;
  readonly mark: number;
  /** By the sender's session. */
  readonly derived: Map<string, Uint8Array>;
}

const slotOf = (key: Uint8Array): Slot => ({
  key: Uint8Array.from(key),
  mark: createHash('sha256').update('mark').update(key).digest().readUInt16BE(0),
  derived: new Map(),
});

const derivedOf = ({ key }: Slot, session: Buffer): Uint8Array =>
  new Uint8Array(hkdfSync('sha256', key, session, 'interplex datagram', keyBytes));

/** Only once a datagram has proved its session: others shall not fill the memory. */
function keep({ derived }: Slot, name: string, key: Uint8Array): void {
  if (derived.size >= limits.sessionsMax) derived.clear(); // Each is made again in 20 µs.
  derived.set(name, key);
}

/** Authenticated encryption, with two slots for keys. */
export class AeadSealer implements Sealer {
  /** The first seals, both open. */
  #slots: readonly [Slot, Slot?];
  readonly #session: Buffer;
  readonly #name: string;
  readonly #nonce = Buffer.alloc(12);
  #number = 0;

  /** `session` has 8 random bytes. Throws IPX_KEY_INVALID. */
  constructor(key: Uint8Array, session: Uint8Array) {
    requireKey(key);
    this.#slots = [slotOf(key)];
    this.#session = Buffer.from(session);
    this.#name = this.#session.toString('latin1');
  }

  accept(key: Uint8Array): void {
    requireKey(key);
    this.#slots = [this.#slots[0], slotOf(key)];
  }

  rotate(key: Uint8Array): void {
    requireKey(key);
    this.#slots = [slotOf(key), this.#slots[0]];
  }

  seal(body: Uint8Array): Buffer {
    const [slot] = this.#slots;
    this.#number += 1;
    const header = headerOf(slot.mark, this.#session, this.#number);
    this.#nonce.writeUIntBE(this.#number, 6, 6);
    const known = slot.derived.get(this.#name);
    const key = known ?? derivedOf(slot, this.#session);
    if (!known) keep(slot, this.#name, key);
    const sealing = createCipheriv(cipher, key, this.#nonce);
    sealing.setAAD(header);
    const sealed = sealing.update(body);
    sealing.final();
    return Buffer.concat([header, sealed, sealing.getAuthTag()]);
  }

  open(datagram: Buffer): Opened | Unopened {
    if (!isDatagram(datagram)) return 'malformed';
    const mark = datagram.readUInt16BE(1);
    const slots = this.#slots.flatMap((slot) => (slot?.mark === mark ? slot : []));
    if (slots.length === 0) return 'foreign';
    const session = datagram.subarray(sessionAt, numberAt);
    const name = session.toString('latin1');
    const number = datagram.readUIntBE(numberAt, 6);
    for (const slot of slots) {
      const known = slot.derived.get(name);
      const key = known ?? derivedOf(slot, session);
      const body = this.#opened(datagram, key, number);
      if (!body) continue;
      if (!known) keep(slot, name, key);
      return { session: name, number, body };
    }
    return 'forged';
  }

  #opened(datagram: Buffer, key: Uint8Array, number: number): Buffer | undefined {
    this.#nonce.writeUIntBE(number, 6, 6);
    const opening = createDecipheriv(cipher, key, this.#nonce);
    opening.setAAD(datagram.subarray(0, headerBytes));
    opening.setAuthTag(datagram.subarray(datagram.length - tagBytes));
    const body = opening.update(datagram.subarray(headerBytes, datagram.length - tagBytes));
    try {
      opening.final();
      return body;
    } catch {
      return undefined; // Whoever asks counts it.
    }
  }
}

/**
 * The same form without authentication, zeros in place of its tag: for loopback alone, where UDP's
 * checksum is all that finds accidents, and to measure what authentication costs.
 */
export class PlainSealer implements Sealer {
  readonly #session: Buffer;
  #number = 0;

  constructor(session: Uint8Array) {
    this.#session = Buffer.from(session);
  }

  accept(key: Uint8Array): void {
    requireKey(key);
  }

  rotate(key: Uint8Array): void {
    requireKey(key);
  }

  seal(body: Uint8Array): Buffer {
    this.#number += 1;
    const datagram = Buffer.allocUnsafe(headerBytes + body.length + tagBytes);
    datagram.set(headerOf(0, this.#session, this.#number));
    datagram.set(body, headerBytes);
    datagram.fill(0, headerBytes + body.length);
    return datagram;
  }

  open(datagram: Buffer): Opened | Unopened {
    if (!isDatagram(datagram)) return 'malformed';
    if (datagram.readUInt16BE(1) !== 0) return 'foreign';
    return {
      session: datagram.toString('latin1', sessionAt, sessionAt + sessionBytes),
      number: datagram.readUIntBE(numberAt, 6),
      body: datagram.subarray(headerBytes, datagram.length - tagBytes),
    };
  }
}

const isDatagram = (datagram: Buffer): boolean =>
  datagram.length >= headerBytes + tagBytes && datagram[0] === datagramVersion;

function headerOf(mark: number, session: Buffer, number: number): Buffer {
  const header = Buffer.allocUnsafe(headerBytes);
  header[0] = datagramVersion;
  header.writeUInt16BE(mark, 1);
  header.set(session, sessionAt);
  header.writeUIntBE(number, numberAt, 6);
  return header;
}
