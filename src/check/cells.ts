/**
 * Memory that actors share, as actors: what is sent to a cell, and what a cell sends, is received
 * within the step that sends it, in order. So an actor's step and what it does to a cell are
 * indivisible, as a swap of a word in shared memory is. After the step, not within it: an actor
 * handles a cell's answer when its own step is done, as XState does with what comes meanwhile.
 */
import { InterplexError } from '../errors.ts';
import type { Envelopes } from './envelopes.ts';
import type { Sites } from './sites.ts';

interface Received {
  readonly next: number;
  readonly sends: readonly number[];
}

/** The most messages within one step: a cell and an actor that answer each other for ever. */
const messagesMax = 1_000; // chosen: far more than a step that ends needs

export class Cells {
  readonly #isCell: readonly boolean[];
  readonly #envelopes: Envelopes;
  /** By actor and site, then by envelope, what comes of its receipt. */
  readonly #received: (Map<number, Received> | undefined)[][];

  constructor(isCell: readonly boolean[], envelopes: Envelopes) {
    this.#isCell = isCell;
    this.#envelopes = envelopes;
    this.#received = isCell.map(() => []);
  }

  /** Sends to and from cells are received; others are put in flight. */
  send(row: Int32Array, sites: readonly Sites[], sends: readonly number[]): void {
    const { receivers, senders } = this.#envelopes;
    let queue = sends;
    for (let at = 0; at < queue.length; at++) {
      const envelope = queue[at]!;
      const to = receivers[envelope]!;
      if (this.#isCell[to] !== true && this.#isCell[senders[envelope]!] !== true) {
        // To one that has ended nothing is on its way: with its thread its ports are closed.
        if (!sites[to]!.isDone(row[to]!)) row[to] = sites[to]!.add(row[to]!, envelope);
        continue;
      }
      const { next, sends: more } = this.#receiptOf(to, sites[to]!, row[to]!, envelope);
      row[to] = next;
      if (more.length > 0) queue = [...queue, ...more];
      if (queue.length > messagesMax) throw this.#endless(envelope);
    }
  }

  #endless(envelope: number): InterplexError {
    const { from, to, event } = this.#envelopes.at(envelope);
    const sentence = `"${from}" and "${to}" answer each other without end, at "${event.type}".`;
    return new InterplexError('IPX_CHECK_STEP', sentence);
  }

  #receiptOf(actor: number, sites: Sites, site: number, envelope: number): Received {
    const known = (this.#received[actor]![site] ??= new Map<number, Received>());
    const received = known.get(envelope) ?? sites.receive(site, envelope);
    known.set(envelope, received);
    return received;
  }
}
