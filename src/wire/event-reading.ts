/** The inverse of the event codec's packing; `event` draws the layout. */
import { deserialize } from 'node:v8';
import { InterplexError } from '../errors.ts';
import { kinds, newSlot, prefixLength, tags, type PackableEvent } from './event.ts';

/** An address that was told once. Who reads may keep with it where that leads. */
export interface Destination<Host> {
  readonly address: string;
  host: Host | undefined;
}

/** What is done with each event, in the order in which they were packed. */
export interface EventSink<Host> {
  tell(to: Destination<Host>, event: PackableEvent): void;
  ask(to: Destination<Host>, number: number, event: PackableEvent): void;
  answer(number: number, event: PackableEvent): void;
}

interface Shape {
  readonly type: string;
  readonly fields: readonly string[];
  /** It has a field that an assignment would not make, but take for the event's prototype. */
  readonly isOdd: boolean;
}

/** V8 copies a substring that is shorter than this. */
const copiedLength = 13;
/** Up to this, joining short copies is cheaper than one copy through a buffer. */
const joinedLength = 3 * (copiedLength - 1);

/** So few are copied one by one sooner than by a call. */
const fewBytes = 64;

/** The head at hand, of whichever link: reading is done in one go. */
let head = Buffer.allocUnsafeSlow(16 * 1024);
const double = new Float64Array(1);
const doubleBytes = new Uint8Array(double.buffer);

export class EventDecoder<Host> {
  readonly #referenceTo: (address: string) => unknown;
  readonly #sink: EventSink<Host>;
  readonly #destinations: (Destination<Host> | undefined)[] = [];
  readonly #shapes: (Shape | undefined)[] = [];
  #next = 0;
  #end = 0;
  #packed = '';
  #textNext = 0;

  constructor(sink: EventSink<Host>, referenceTo: (address: string) => unknown) {
    this.#sink = sink;
    this.#referenceTo = referenceTo;
  }

  /** What is read next; nothing of another may be left. Throws as `read` does. */
  begin(packed: string): void {
    this.#packed = packed;
    this.#next = prefixLength;
    this.#end = headEndOf(packed);
    this.#textNext = this.#end;
  }

  /** All events of it were handed on. */
  get isAtEnd(): boolean {
    return this.#next === this.#end;
  }

  /**
   * Hands on its events, one after another, until `isOver`, but one at least. Returns how many.
   * Throws IPX_EVENTS_INVALID for what no encoder has made.
   */
  read(isOver: () => boolean): number {
    const end = this.#end;
    showHead(this.#packed, end);
    let count = 0;
    while (this.#next < end) {
      this.#entry();
      count += 1;
      if (isOver()) break;
    }
    if (this.#next < end) return count;
    if (this.#textNext !== this.#packed.length) throw invalid('its length');
    this.#packed = '';
    return count;
  }

  #entry(): void {
    const first = this.#number();
    const kind = first & 3;
    if (kind === kinds.answer) {
      const number = this.#number();
      this.#sink.answer(number, this.#event());
      return;
    }
    const to = this.#destination(first >>> 2);
    if (kind === kinds.tell) {
      this.#sink.tell(to, this.#event());
      return;
    }
    if (kind !== kinds.ask) throw invalid(`kind ${kind}`);
    const number = this.#number();
    this.#sink.ask(to, number, this.#event());
  }

  #destination(slot: number): Destination<Host> {
    if (slot === newSlot) {
      const given = this.#number();
      const destination = { address: this.#string(), host: undefined };
      this.#destinations[given] = destination;
      return destination;
    }
    const known = this.#destinations[slot];
    if (!known) throw invalid(`address ${slot}`);
    return known;
  }

  #event(): PackableEvent {
    const { type, fields, isOdd } = this.#shape();
    const event: Record<string, unknown> & PackableEvent = { type };
    if (isOdd) for (const field of fields) define(event, field, this.#value());
    else for (const field of fields) event[field] = this.#value();
    // Before anybody has it: what was read beyond its end is another's, or nobody's.
    if (this.#next > this.#end || this.#textNext > this.#packed.length) throw invalid('its length');
    return event;
  }

  #shape(): Shape {
    const slot = this.#number();
    if (slot === newSlot) {
      const given = this.#number();
      const length = this.#number();
      if (length > this.#end - this.#next) throw invalid(`${length} fields`); // A byte each.
      const type = asKey(this.#string());
      const fields = Array.from({ length }, () => asKey(this.#string()));
      const shape = { type, fields, isOdd: fields.includes('__proto__') };
      this.#shapes[given] = shape;
      return shape;
    }
    const known = this.#shapes[slot];
    if (!known) throw invalid(`shape ${slot}`);
    return known;
  }

  #value(): unknown {
    const tag = head[this.#next];
    this.#next += 1;
    switch (tag) {
      case tags.string:
        return this.#string();
      case tags.integer: {
        const zigzag = this.#number();
        return (zigzag >>> 1) ^ -(zigzag & 1);
      }
      case tags.double:
        doubleBytes.set(head.subarray(this.#next, this.#next + 8));
        this.#next += 8;
        return double[0];
      case tags.undefined:
        return undefined;
      case tags.null:
        return null;
      case tags.false:
        return false;
      case tags.true:
        return true;
      case tags.cloned:
        return read('a value', () => deserialize(Buffer.from(this.#string(), 'latin1')));
      case tags.reference:
        return read('a reference', () => this.#referenceTo(this.#string()));
      default:
        throw invalid(`tag ${tag}`);
    }
  }

  /** V8 keeps a whole text alive behind each longer part of it, so the parts are copied. */
  #string(): string {
    const length = this.#number();
    const start = this.#textNext;
    const end = start + length;
    this.#textNext = end;
    if (length < copiedLength) return this.#packed.substring(start, end);
    if (length > joinedLength) return copyOf(this.#packed.substring(start, end));
    let joined = '';
    for (let from = start; from < end; from += copiedLength - 1) {
      joined += this.#packed.substring(from, Math.min(from + copiedLength - 1, end));
    }
    return joined;
  }

  #number(): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = head[this.#next] ?? 0;
      this.#next += 1;
      value |= (byte & 127) << shift;
      if (byte < 128) return value >>> 0;
    }
  }
}

const define = (event: object, field: string, value: unknown) =>
  Object.defineProperty(event, field, {
    value,
    enumerable: true,
    configurable: true,
    writable: true,
  });

function read(what: string, inverse: () => unknown): unknown {
  try {
    return inverse();
  } catch (cause) {
    throw invalid(what, cause);
  }
}

/** The same word as V8 keeps it for keys: a lookup by it need not compare. */
const asKey = (word: string): string => Object.keys({ [word]: 0 })[0] ?? '';

/** Where the head ends and the text begins. */
function headEndOf(packed: string): number {
  let end = prefixLength;
  for (let index = 0; index < prefixLength; index += 1) {
    end += packed.charCodeAt(index) * 256 ** index;
  }
  if (end <= packed.length) return end;
  throw invalid('its length');
}

/** Copies the head to where it can be read byte by byte. */
function showHead(packed: string, end: number): void {
  if (end > head.length) head = Buffer.allocUnsafeSlow(end * 2);
  if (end > fewBytes) head.write(packed, 0, end, 'latin1');
  else for (let index = 0; index < end; index += 1) head[index] = packed.charCodeAt(index);
}

function copyOf(text: string): string {
  const copy = Buffer.from(text, 'latin1').toString('latin1');
  return copy === text ? copy : Buffer.from(text, 'utf16le').toString('utf16le');
}

const invalid = (what: string, cause?: unknown) =>
  new InterplexError(
    'IPX_EVENTS_INVALID',
    `Packed events of another node cannot be read (${what}): run one version of interplex in all.`,
    { cause },
  );
