/** The way back to who asked: a reference that takes one event, the answer. */
import type { EventObject } from 'xstate';
import type { NodeId } from '../../actors/vocabulary.ts';
import { askAddress } from './actor-address.ts';
import { ActorReference, type ActorOperations } from './actor-reference.ts';

/** An ask by its asker's node and the number that it gave. */
export interface AskId {
  readonly node: NodeId;
  readonly ask: number;
}

export interface ReplyOperations extends ActorOperations {
  /** False: whoever asked cannot be reached, or waits no more. */
  answer(to: Reply, event: EventObject, isFirst: boolean): boolean;
  settled(reply: Reply): void;
}

export class Reply extends ActorReference {
  readonly number: number;
  readonly #operations: ReplyOperations;
  /** The actor has the event; what is not begun outlives a restart. */
  isBegun = false;
  #isSettled = false;

  constructor({ node, ask }: AskId, operations: ReplyOperations) {
    super(askAddress(node, ask), operations);
    this.number = ask;
    this.#operations = operations;
  }

  /** The answer was given, or is not wanted any more, or is another's to give. */
  get isSettled(): boolean {
    return this.#isSettled;
  }

  override send(event: EventObject): boolean {
    // It throws for what cannot be packed: the answer is owed then as before.
    const isTaken = this.#operations.answer(this, event, !this.#isSettled);
    this.settle();
    return isTaken;
  }

  settle(): void {
    this.#isSettled = true;
    this.#operations.settled(this);
  }
}
