/**
 * Asks that wait for themselves (AF-4). A probe follows a suspected ask to the actor that owes its
 * answer, from there along what that actor waits for, and so on; if it comes back to the turn in
 * which it began, no answer can come. After Chandy, Misra and Haas, Distributed Deadlock Detection
 * (1983), with the asks as edges; a probe is sent once for an ask, since such a cycle stays.
 */
import type { AskProbe, NodeMessage } from '../../actors/protocol.ts';
import type { NodeId, Refusal } from '../../actors/vocabulary.ts';
import { limits } from '../limits.ts';
import { askNumberOf, formatAddress, askAddress, parseAddress } from './actor-address.ts';
import type { ActorHost, Turn } from './actor-host.ts';
import type { Answers } from './answers.ts';
import type { Asks, PendingAsk } from './asks.ts';

export interface AskCyclesOptions {
  readonly node: NodeId;
  readonly asks: Asks;
  readonly answers: Answers;
  readonly hostAt: (address: string) => ActorHost | undefined;
  /** To another node or to this one. */
  readonly post: (to: NodeId, message: NodeMessage) => void;
}

export class AskCycles {
  readonly #options: AskCyclesOptions;

  constructor(options: AskCyclesOptions) {
    this.#options = options;
  }

  begin({ number, to, turn }: PendingAsk & { readonly turn: Turn }): void {
    const { node, post } = this.#options;
    const path = [turn.address, to.address];
    const via = { node, ask: number };
    post(to.node, { type: 'ask.probe', node, ask: number, turn: turn.key, path, via });
  }

  /** A probe has come to the actor that is last on its path. */
  follow(probe: AskProbe): void {
    const { asks, node, post } = this.#options;
    const host = this.#options.hostAt(probe.path.at(-1) ?? '');
    if (!host || !this.#isOwed(host, probe)) return;
    const waiting = this.#turnBehind(host, probe);
    if (waiting === probe.turn) {
      post(probe.node, { type: 'ask.refused', ask: probe.ask, refusal: cycle(probe.path) });
      return;
    }
    if (waiting === undefined || probe.path.length >= limits.askPathMax) return;
    for (const { number, to } of asks.pendingOf(waiting)) {
      if (probe.path.includes(to.address) && to.address !== probe.path[0]) continue; // Another's.
      const path = [...probe.path, to.address];
      post(to.node, { ...probe, type: 'ask.probe', path, via: { node, ask: number } });
    }
  }

  /** Whether the answer is still to come. */
  #isOwed(host: ActorHost, { via }: AskProbe): boolean {
    return this.#options.answers.isOwedBy(host, via);
  }

  /** The turn that must end, or be answered, before the ask that led here can be. */
  #turnBehind(host: ActorHost, { turn, via }: AskProbe): string | undefined {
    if (host.turn) return host.turn.key;
    // A machine takes events while it owes answers: one that left both open waits for itself.
    const first = askOf(turn);
    if (first && this.#options.answers.isOwedBy(host, first)) return turn;
    return formatAddress(askAddress(via.node, via.ask));
  }
}

/** The ask in whose turn it began, unless that was an event that was sent. */
function askOf(turn: string): AskProbe['via'] | undefined {
  const parsed = parseAddress(turn);
  const ask = askNumberOf(parsed);
  return ask === undefined ? undefined : { node: parsed.node, ask };
}

const cycle = (path: readonly string[]): Refusal => ({
  code: 'IPX_ASK_CYCLE',
  reason:
    `The answer waits for the one who asks: ${path.join(' → ')}. ` +
    'Let one of them send instead of ask, or answer before it asks.',
});
