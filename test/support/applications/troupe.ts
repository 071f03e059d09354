/** Actors that do what a test tells their node, by the name of the node: see `orders.ts`. */
import {
  InterplexError,
  type ActorReference,
  type ApplicationNode,
  type Asked,
  type NodeActors,
} from 'interplex';
import type { ActorEnd, DeadLetter } from 'interplex/actors';
import { answerThreads } from '../thread-call.ts';
import type { Flooded, Letters, Order, Outcome } from './orders.ts';
import { notebook, parts, standIn } from './parts.ts';

/** So many are sent before the sender looks whether more may be, or lets others go on. */
const lookEvery = 512;
/** What Node has warned of in this thread. */
const warnings: string[] = [];
process.on('warning', ({ message }) => warnings.push(message));

export function actors({ id, actors: own }: ApplicationNode): void {
  const troupe = new Troupe(own);
  answerThreads<Order>(id, (order) => troupe.obey(order));
}

class Troupe {
  readonly #actors: NodeActors;
  readonly #ends: (ActorEnd & { label: string })[] = [];
  readonly #unwatches = new Map<string, () => void>();
  readonly #letters = { count: 0, withEvent: 0 };

  constructor(own: NodeActors) {
    this.#actors = own;
    own.deadLetters.subscribe((letter) => this.#noteLetter(letter));
  }

  obey(order: Order): unknown {
    const known = this.#actors;
    switch (order.do) {
      case 'spawn':
        return this.#spawned(order).address;
      case 'find':
        return this.#found(order.name);
      case 'stop':
        return known.stop(known.at(order.to), order);
      case 'send':
        return known.at(order.to).send(order.event);
      case 'flood':
        return this.#flood(known.at(order.to), order);
      case 'ask':
        return outcomeOf(known.at(order.to).ask(order.event, order));
      case 'watch':
        return this.#watch(known.at(order.to), order.label);
      case 'unwatch':
        return this.#unwatches.get(order.label)?.();
      case 'ends':
        return notebook.reached(`ends of ${order.label}`, order.count).then(() => this.#ends);
      case 'stand for':
        return known.spawn(order.name, standIn, { input: known.at(order.to) }).address;
      case 'heard':
        return notebook.reached(order.name, order.count);
      case 'release':
        return notebook.release(order.name);
      case 'letters':
        return this.#lettersSoFar();
      case 'mailboxes':
        return known.mailboxes();
      case 'warnings':
        return warnings;
      case 'throw':
        setImmediate(() => {
          throw new Error('the node has crashed');
        });
        return undefined;
    }
  }

  #spawned({ name, part, ...options }: Order & { do: 'spawn' }): ActorReference {
    const played = parts[part];
    if (typeof played === 'function') return this.#actors.spawn(name, played, options);
    return this.#actors.spawn(name, played, options);
  }

  /** Settles when it is known here. */
  #found(name: string): Promise<string> {
    return new Promise((resolve) => {
      this.#actors.subscribe({ name }, ([actor]) => actor && resolve(actor.address));
    });
  }

  #watch(actor: ActorReference, label: string): void {
    const unwatch = actor.watch((end) => {
      this.#ends.push({ label, ...end });
      notebook.note(`ends of ${label}`, 1);
    });
    this.#unwatches.set(label, unwatch);
  }

  async #flood(
    to: ActorReference,
    { type, count, textLength, isPaced }: Order & { do: 'flood' },
  ): Promise<Flooded> {
    let taken = 0;
    for (let number = 0; number < count; number += 1) {
      if (number % lookEvery === 0) await (isPaced ? to.ready() : turned());
      const text = `${number}`.padStart(textLength, '.');
      if (to.send({ type, number, text } as Asked)) taken += 1;
    }
    return { taken, refused: count - taken };
  }

  #noteLetter({ count, event }: DeadLetter): void {
    this.#letters.count += count;
    if (event) this.#letters.withEvent += count;
  }

  #lettersSoFar(): Letters {
    const { counts } = this.#actors.deadLetters;
    const recent = this.#actors.deadLetters.recent().map(({ to, reason, event, count }) => {
      const { type, number } = (event ?? {}) as { type?: string; number?: number };
      return { to, reason, count, type, number };
    });
    return { counts, subscribed: { ...this.#letters }, recent };
  }
}

const turned = () => new Promise((resolve) => setImmediate(resolve));

/** What an ask came to, and after how long. */
async function outcomeOf(asked: Promise<object>): Promise<Outcome> {
  const begunAt = performance.now();
  const afterMs = () => performance.now() - begunAt;
  try {
    const answer = await asked;
    // At its own node an answer is what it was; a function goes no further.
    if ('run' in answer) return { answer: { hasFunction: true }, afterMs: afterMs() };
    return { answer, afterMs: afterMs() };
  } catch (error) {
    if (!(error instanceof InterplexError)) throw error;
    return { code: error.code, reason: error.message, afterMs: afterMs() };
  }
}
