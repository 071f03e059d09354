/** What the actors of this node were asked and have not answered: each answer is owed by one. */
import type { NodeId } from '../../actors/vocabulary.ts';
import type { ActorHost } from './actor-host.ts';
import type { AskId, Reply } from './reply.ts';

interface Debt {
  readonly reply: Reply;
  readonly host: ActorHost;
}

export class Answers {
  /** By who asked. Bounded by what the askers may have under way. */
  readonly #debts = new Map<NodeId, Map<number, Debt>>();

  owe(host: ActorHost, reply: Reply): void {
    const { node, number } = reply;
    const debts = this.#debts.get(node) ?? new Map<number, Debt>();
    if (debts.size === 0) this.#debts.set(node, debts);
    debts.set(number, { reply, host });
  }

  settled({ node, number }: Reply): void {
    this.#debts.get(node)?.delete(number);
  }

  isOwedBy(host: ActorHost, { node, ask }: AskId): boolean {
    return this.#debts.get(node)?.get(ask)?.host === host;
  }

  /** Whoever asked waits no more. */
  withdraw({ node, ask }: AskId): void {
    this.#debts.get(node)?.get(ask)?.reply.settle();
  }

  /** A node has ended: nobody there waits. */
  withdrawAll(node: NodeId): void {
    for (const { reply } of this.#debts.get(node)?.values() ?? []) reply.settle();
    this.#debts.delete(node);
  }

  /** Takes what the actor owes and will not give: of all, or of what it has begun. */
  takeAll(host: ActorHost, { begun }: { readonly begun: boolean }): readonly Reply[] {
    const replies = [...this.#debts.values()]
      .flatMap((debts) => [...debts.values()])
      .filter((debt) => debt.host === host && (!begun || debt.reply.isBegun))
      .map(({ reply }) => reply);
    for (const reply of replies) reply.settle();
    return replies;
  }
}
