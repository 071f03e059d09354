/** Asks of this node that wait for their answer: bounded, each with its limit in time (AF-4). */
import type { EventObject } from 'xstate';
import type { NodeMessage } from '../../actors/protocol.ts';
import type { NodeId, Refusal } from '../../actors/vocabulary.ts';
import { InterplexError, isErrorCode } from '../errors.ts';
import { limits } from '../limits.ts';
import { requireOptions } from '../options.ts';
import type { Turn } from './actor-host.ts';
import type { ActorReference, AskOptions } from './actor-reference.ts';

/** One ask without an answer. */
export interface PendingAsk {
  readonly number: number;
  readonly to: ActorReference;
  /** The turn of an actor that waits for it, if one does. */
  readonly turn: Turn | undefined;
}

interface Pending extends PendingAsk {
  readonly resolve: (answer: EventObject) => void;
  readonly reject: (error: InterplexError) => void;
  readonly timeoutMs: number;
  readonly giveUpAtMs: number;
  /** When it is looked at next: to be suspected, or given up. */
  dueAtMs: number;
}

/** What became of an ask on its way: why it will have no answer, or nothing. */
export type Dispatch = Refusal | undefined;

export interface AsksOptions {
  readonly dispatch: (to: ActorReference, number: number, event: EventObject) => Dispatch;
  readonly post: (to: NodeId, message: NodeMessage) => void;
  readonly turn: () => Turn | undefined;
  /** An actor waits long for this one: perhaps for itself. */
  readonly onSuspect: (ask: PendingAsk & { readonly turn: Turn }) => void;
}

/** Numbers travel as varints of 31 bits. */
const numberMax = 2 ** 31 - 1;

export class Asks {
  readonly #options: AsksOptions;
  readonly #pending = new Map<number, Pending>();
  /** One timer for all, at the earliest time at which one is due: most are answered before. */
  #timer: NodeJS.Timeout | undefined;
  #timerAtMs = Infinity;
  #last = 0;

  constructor(options: AsksOptions) {
    this.#options = options;
  }

  ask(to: ActorReference, event: EventObject, options: AskOptions): Promise<EventObject> {
    return new Promise((resolve, reject) => {
      const timeoutMs = timeoutOf(options);
      this.#requireRoom();
      this.#last = this.#last === numberMax ? 1 : this.#last + 1;
      const number = this.#last;
      const refusal = this.#options.dispatch(to, number, event); // May throw: nothing waits then.
      if (refusal) {
        reject(errorOf(refusal));
        return;
      }
      const turn = this.#options.turn();
      const nowMs = performance.now();
      const giveUpAtMs = nowMs + timeoutMs;
      const dueAtMs = turn ? Math.min(nowMs + limits.askSuspectMs, giveUpAtMs) : giveUpAtMs;
      const ask = { number, to, turn, resolve, reject, timeoutMs, giveUpAtMs, dueAtMs };
      this.#pending.set(number, ask);
      if (dueAtMs < this.#timerAtMs) this.#arm(dueAtMs, nowMs);
    });
  }

  /** False when nobody waits for it any more. */
  settle(number: number, answer: EventObject): boolean {
    const pending = this.#pending.get(number);
    if (!pending) return false;
    this.#pending.delete(number);
    pending.resolve(answer);
    return true;
  }

  refuse(number: number, refusal: Refusal): void {
    const pending = this.#pending.get(number);
    this.#pending.delete(number);
    pending?.reject(errorOf(refusal));
  }

  /** A node has ended, and all its actors with it. */
  loseNode(node: NodeId): void {
    for (const { number, to } of this.#pending.values()) {
      if (to.node === node) this.refuse(number, lost(to.address, 'its node has ended'));
    }
  }

  /** What this actor waits for in this turn. */
  pendingOf(turnKey: string): readonly PendingAsk[] {
    return [...this.#pending.values()].filter(({ turn }) => turn?.key === turnKey);
  }

  /** The node stops. */
  close(): void {
    clearTimeout(this.#timer);
    for (const { number, to } of this.#pending.values()) {
      this.refuse(number, lost(to.address, 'the asking node has stopped'));
    }
  }

  #requireRoom(): void {
    if (this.#pending.size < limits.asksMax) return;
    const sentence = `${limits.asksMax} asks of this node wait for answers: ask no more at once.`;
    throw new InterplexError('IPX_ASK_LIMIT', sentence);
  }

  #arm(atMs: number, nowMs: number): void {
    clearTimeout(this.#timer);
    this.#timerAtMs = atMs;
    if (atMs === Infinity) return;
    // The whole milliseconds of a timer may fall short of the clock's.
    const waitMs = Math.min(Math.ceil(atMs - nowMs) + 1, limits.timerMsMax);
    this.#timer = setTimeout(this.#look, waitMs);
  }

  readonly #look = (): void => {
    const nowMs = performance.now();
    let nextMs = Infinity;
    for (const pending of this.#pending.values()) {
      if (pending.giveUpAtMs <= nowMs) this.#expire(pending);
      else {
        if (pending.dueAtMs <= nowMs) this.#suspect(pending);
        nextMs = Math.min(nextMs, pending.dueAtMs);
      }
    }
    this.#arm(nextMs, nowMs);
  };

  #suspect(pending: Pending): void {
    const { turn } = pending;
    pending.dueAtMs = pending.giveUpAtMs;
    if (turn) this.#options.onSuspect({ ...pending, turn });
  }

  #expire({ number, to, timeoutMs }: Pending): void {
    const code = 'IPX_ASK_TIMEOUT';
    const reason = `${to.address} did not answer in ${timeoutMs} ms: ask again, or wait longer.`;
    this.refuse(number, { code, reason });
    this.#options.post(to.node, { type: 'ask.withdrawn', ask: number });
  }
}

function timeoutOf(options: AskOptions): number {
  requireOptions('ask()', options, 'give { timeoutMs }, or leave them out');
  const { timeoutMs = limits.askTimeoutMs } = options;
  if (typeof timeoutMs === 'number' && timeoutMs > 0) return timeoutMs;
  const sentence = `timeoutMs is ${String(timeoutMs)}: give a number of milliseconds over 0.`;
  throw new InterplexError('IPX_OPTION_INVALID', sentence);
}

export const lost = (address: string, why: string): Refusal => ({
  code: 'IPX_ACTOR_LOST',
  reason: `${address} gives no answer: ${why}. Find it again by its name.`,
});

export const full = (address: string, where: string): Refusal => ({
  code: 'IPX_MAILBOX_FULL',
  reason: `${address} takes no more: ${where} is full. Ask again when it has caught up.`,
});

const errorOf = ({ code, reason }: Refusal) =>
  new InterplexError(isErrorCode(code) ? code : 'IPX_ACTOR_LOST', reason);
