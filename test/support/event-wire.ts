/** Both ends of the event codec, with what comes out at the far one. */
import type { EventDecoder as Decoder, EventSink } from '#internal/wire/event-reading';
import { EventDecoder } from '#internal/wire/event-reading';
import { EventEncoder, type PackableEvent } from '#internal/wire/event';

/** Stands for an actor: like its reference, it is known by its address and cannot be cloned. */
export class Known {
  readonly address: string;
  readonly send = () => undefined;

  constructor(address: string) {
    this.address = address;
  }
}

/** One entry, as it was written and as it must be read. */
export type Entry =
  | { readonly kind: 'tell'; readonly to: string; readonly event: PackableEvent }
  | {
      readonly kind: 'ask';
      readonly to: string;
      readonly number: number;
      readonly event: PackableEvent;
    }
  | { readonly kind: 'answer'; readonly number: number; readonly event: PackableEvent };

export class EventWire {
  readonly encoder = new EventEncoder((value) =>
    value instanceof Known ? value.address : undefined,
  );
  readonly decoder: Decoder<never>;
  /** What was read since the last look. */
  #read: Entry[] = [];

  constructor() {
    const sink: EventSink<never> = {
      tell: ({ address }, event) => this.#read.push({ kind: 'tell', to: address, event }),
      ask: ({ address }, number, event) =>
        this.#read.push({ kind: 'ask', to: address, number, event }),
      answer: (number, event) => this.#read.push({ kind: 'answer', number, event }),
    };
    this.decoder = new EventDecoder(sink, (address) => {
      if (address.includes('!')) throw new Error(`${address} is no address.`);
      return new Known(address);
    });
  }

  write(entry: Entry): void {
    const { encoder } = this;
    if (entry.kind === 'tell') encoder.tell(entry.to, entry.event);
    else if (entry.kind === 'ask') encoder.ask(entry.to, entry.number, entry.event);
    else encoder.answer(entry.number, entry.event);
  }

  /** Reads `packed` to its end, in portions where `isOver` says so. */
  read(packed: string, isOver: () => boolean = () => false): number {
    this.decoder.begin(packed);
    let count = 0;
    while (!this.decoder.isAtEnd) count += this.decoder.read(isOver);
    return count;
  }

  /** What was read since it was called last. */
  taken(): readonly Entry[] {
    const read = this.#read;
    this.#read = [];
    return read;
  }

  /** Packs, reads and gives what was read. */
  carried(...entries: readonly Entry[]): readonly Entry[] {
    for (const entry of entries) this.write(entry);
    this.read(this.encoder.take());
    return this.taken();
  }
}

export const tell = (event: PackableEvent & Record<string, unknown>, to = 'hall/x#1'): Entry => ({
  kind: 'tell',
  to,
  event,
});
