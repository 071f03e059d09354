/**
 * Events on their way between two threads (AF-4), packed: those of one turn leave as one string,
 * which costs less to post than a transferred buffer; what was named once is a number afterwards.
 *
 * ```
 * packed   length of the head (4 latin1 characters, the least significant first), head, text
 * head     entries, one after another; every number in it is a varint
 * entry    target × 4 + kind (0 tell, 1 ask, 2 answer) · number of the ask, unless tell · event
 *          target: the slot of an address, 0 of an answer, 1 for a new one: slot, length
 * event    the slot of its shape, or 1 for a new one: slot, count of words, length of each; then
 *          a value for each field of the shape
 * value    tag · integer (zigzag), double (8 bytes), or length
 * text     the characters of all that has a length, in the order of the head
 * ```
 *
 * Kinds and tags are append only. `event-reading` is the inverse.
 */
import { serialize } from 'node:v8';
import { InterplexError, sentenceOf } from '../errors.ts';
import { limits } from '../limits.ts';
import { SlotTable, type Slotted } from './slot-table.ts';

/** What takes events, as far as the wire knows. */
export interface PackableEvent {
  readonly type: string;
}

export const kinds = { tell: 0, ask: 1, answer: 2 } as const;
export const tags = {
  undefined: 0,
  null: 1,
  false: 2,
  true: 3,
  integer: 4,
  double: 5,
  string: 6,
  cloned: 7, // V8's structured clone, a character for each byte
  reference: 8, // an actor's address
} as const;
/** Where a slot would stand: a new one is defined. */
export const newSlot = 1;
/** Characters that tell the length of the head. */
export const prefixLength = 4;

/** A field takes a tag and a double at most; its name takes a length. */
const fieldBytesMax = 16;
/** Target, number of the ask, shape: five varints and what defines them. */
const entryBytesMax = 64;

interface Named extends Slotted {
  readonly name: string;
}
interface Shape extends Slotted {
  readonly type: string;
  readonly keys: readonly string[];
}

const double = new Float64Array(1);
const doubleBytes = new Uint8Array(double.buffer);

export class EventEncoder {
  readonly #addressOf: (value: object) => string | undefined;
  readonly #addresses = new Map<string, Named>();
  readonly #addressSlots = new SlotTable<Named>(limits.linkAddressesMax);
  /** By type the shape that it had last: an event of a type rarely changes its fields. */
  readonly #shapes = new Map<string, Shape>();
  readonly #shapeSlots = new SlotTable<Shape>(limits.linkShapesMax);
  /** What of the event at hand cannot be written as it is, ready before anything is written. */
  #clones: string[] = [];
  #head = Buffer.allocUnsafeSlow(1024);
  #end = prefixLength;
  #text = '';
  /** Events since the last `take`. */
  count = 0;

  /** `addressOf` knows an actor's reference from other objects. */
  constructor(addressOf: (value: object) => string | undefined) {
    this.#addressOf = addressOf;
  }

  /** Characters since the last `take`. */
  get size(): number {
    return this.#end + this.#text.length;
  }

  /** Each throws IPX_STATE_INVALID or IPX_STATE_LIMIT, and has added nothing then. */
  tell(address: string, event: PackableEvent): void {
    const keys = this.#prepared(event);
    this.#target(kinds.tell, address);
    this.#event(event, keys);
  }

  ask(address: string, number: number, event: PackableEvent): void {
    const keys = this.#prepared(event);
    this.#target(kinds.ask, address);
    this.#number(number);
    this.#event(event, keys);
  }

  answer(number: number, event: PackableEvent): void {
    const keys = this.#prepared(event);
    this.#number(kinds.answer);
    this.#number(number);
    this.#event(event, keys);
  }

  /** All that was added since the last call. */
  take(): string {
    this.#head.writeUInt32LE(this.#end - prefixLength, 0);
    const packed = this.#head.toString('latin1', 0, this.#end) + this.#text;
    this.#end = prefixLength;
    this.#text = '';
    this.count = 0;
    return packed;
  }

  /** The event's keys, once it is certain that it can be written, with room for it. */
  #prepared(event: PackableEvent): readonly string[] {
    requireEvent(event);
    const keys = Object.keys(event);
    const fields = fieldsOf(event);
    if (this.#clones.length > 0) this.#clones = [];
    let size = 0;
    for (const key of keys) {
      const value = fields[key];
      size += key.length;
      if (typeof value === 'string') size += value.length;
      else if (typeof value === 'number' || isWrittenAsIs(value)) continue;
      else size += this.#clones[this.#clones.push(this.#cloneOf(value)) - 1]?.length ?? 0;
    }
    if (size > limits.stateBytesMax) throw tooLarge(event, size);
    this.#reserve(entryBytesMax + keys.length * fieldBytesMax);
    return keys;
  }

  #cloneOf(value: unknown): string {
    const address =
      typeof value === 'object' && value !== null ? this.#addressOf(value) : undefined;
    return address ?? cloned(value);
  }

  #target(kind: number, address: string): void {
    const known = this.#addresses.get(address);
    if (known) {
      this.#number(known.slot * 4 + kind);
      return;
    }
    const named = { name: address, slot: 0 };
    const former = this.#addressSlots.add(named);
    if (former) this.#addresses.delete(former.name);
    this.#addresses.set(address, named);
    this.#number(newSlot * 4 + kind);
    this.#number(named.slot);
    this.#characters(address);
  }

  #event(event: PackableEvent, keys: readonly string[]): void {
    const shape = this.#shapes.get(event.type);
    if (shape && shape.slot !== 0 && isSame(shape.keys, keys)) this.#number(shape.slot);
    else this.#newShape(event.type, keys);
    const fields = fieldsOf(event);
    let clone = 0;
    for (const key of keys) {
      if (key === 'type') continue;
      const value = fields[key];
      if (typeof value === 'string') {
        this.#byte(tags.string);
        this.#characters(value);
      } else if (typeof value === 'number') {
        this.#numeric(value);
      } else if (isWrittenAsIs(value)) {
        this.#byte(tagOf(value));
      } else {
        const isReference = typeof value === 'object' && this.#addressOf(value) !== undefined;
        this.#byte(isReference ? tags.reference : tags.cloned);
        this.#characters(this.#clones[clone] ?? '');
        clone += 1;
      }
    }
    this.count += 1;
  }

  #newShape(type: string, keys: readonly string[]): void {
    const shape: Shape = { type, keys, slot: 0 };
    this.#shapeSlots.add(shape);
    if (this.#shapes.size >= limits.linkShapesMax) this.#shapes.clear();
    this.#shapes.set(type, shape);
    const words = keys.filter((key) => key !== 'type');
    this.#number(newSlot);
    this.#number(shape.slot);
    this.#number(words.length);
    for (const word of [type, ...words]) this.#characters(word);
  }

  #numeric(value: number): void {
    if ((value | 0) === value && !Object.is(value, -0)) {
      this.#byte(tags.integer);
      this.#number(((value << 1) ^ (value >> 31)) >>> 0);
      return;
    }
    this.#byte(tags.double);
    double[0] = value;
    this.#head.set(doubleBytes, this.#end);
    this.#end += 8;
  }

  #characters(text: string): void {
    this.#number(text.length);
    this.#text += text;
  }

  #byte(value: number): void {
    this.#head[this.#end] = value;
    this.#end += 1;
  }

  /** A varint of at most 32 bits. */
  #number(value: number): void {
    let rest = value;
    while (rest > 127) {
      this.#head[this.#end] = (rest & 127) | 128;
      this.#end += 1;
      rest >>>= 7;
    }
    this.#head[this.#end] = rest;
    this.#end += 1;
  }

  #reserve(bytes: number): void {
    if (this.#end + bytes <= this.#head.length) return;
    const larger = Buffer.allocUnsafeSlow((this.#end + bytes) * 2);
    this.#head.copy(larger, 0, 0, this.#end);
    this.#head = larger;
  }
}

const fieldsOf = (event: PackableEvent) =>
  event as unknown as Readonly<Record<string, unknown>> & { readonly type?: unknown };

function isSame(one: readonly string[], other: readonly string[]): boolean {
  if (one.length !== other.length) return false;
  for (let index = 0; index < one.length; index += 1) {
    if (one[index] !== other[index]) return false;
  }
  return true;
}

/** A program in JavaScript may send anything. Throws IPX_STATE_INVALID. */
export function requireEvent(event: PackableEvent | null | undefined): void {
  if (typeof event?.type === 'string') return;
  throw new InterplexError(
    'IPX_STATE_INVALID',
    'What is sent to an actor must be an event: an object whose "type" is a string.',
  );
}

const isWrittenAsIs = (value: unknown): value is boolean | null | undefined =>
  typeof value === 'boolean' || value === undefined || value === null;

function tagOf(value: boolean | null | undefined): number {
  if (value === undefined) return tags.undefined;
  if (value === null) return tags.null;
  return value ? tags.true : tags.false;
}

function cloned(value: unknown): string {
  try {
    return serialize(value).toString('latin1');
  } catch (cause) {
    throw new InterplexError(
      'IPX_STATE_INVALID',
      `The event for an actor of another node cannot be cloned: ${sentenceOf(cause)} Give plain ` +
        'values and, as fields of the event itself, references: no functions, sockets or promises.',
      { cause },
    );
  }
}

const tooLarge = ({ type }: PackableEvent, size: number) =>
  new InterplexError(
    'IPX_STATE_LIMIT',
    `The event "${type}" takes ${size} characters; at most ${limits.stateBytesMax} may travel. ` +
      'Keep large values where both nodes can reach them and send their name.',
  );
