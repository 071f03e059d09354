/** What the actors of this node were asked and have not answered: each answer is owed by one. */
import type { NodeId } from '../../actors/vocabulary.ts';
import type { ActorHost } from './actor-host.ts';
import { askAddress } from './actor-address.ts';
import type { AskId, Reply } from './reply.ts';

interface Debt {
  readonly reply: Reply;
  readonly host: ActorHost;
}

/** Bounded by what the askers may have under way. */
export class Answers {
  /** By the address for the answer. */
  readonly #debts = new Map<string, Debt>();

  owe(host: ActorHost, reply: Reply): void {
    this.#debts.set(reply.address, { reply, host });
  }

  settled({ address }: Reply): void {
    this.#debts.delete(address);
  }

  /** Whether the actor owes the answer that is sent to that address. */
  isOwedBy(host: ActorHost, address: string): boolean {
    return this.#debts.get(address)?.host === host;
  }

  /** Whoever asked waits no more. */
  withdraw({ node, ask }: AskId): void {
    this.#debts.get(askAddress(node, ask))?.reply.settle();
  }

  /** A node has ended: nobody there waits. */
  withdrawAll(node: NodeId): void {
    for (const { reply } of this.#debts.values()) if (reply.node === node) reply.settle();
  }

  /** Takes what the actor owes and will not give: of all, or of what it has begun. */
  takeAll(host: ActorHost, { begun }: { readonly begun: boolean }): readonly Reply[] {
    const debts = [...this.#debts.values()].filter(
      (debt) => debt.host === host && (!begun || debt.reply.isBegun),
    );
    for (const { reply } of debts) reply.settle();
    return debts.map(({ reply }) => reply);
  }
}
