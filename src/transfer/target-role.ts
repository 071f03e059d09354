/** Target applications: they consider what is offered, and serve what they accepted. */
import type { AnyActorLogic } from 'xstate';
import type { StackMessage } from '../../actors/protocol.ts';
import type { ConnectionDescription, Refusal, VipaName } from '../../actors/vocabulary.ts';
import { InterplexError, sentenceOf } from '../errors.ts';
import { beginReading } from '../io/tcp.ts';
import { isLogic } from '../runtime/behaviours.ts';
import { decodeState } from '../wire/state.ts';
import type { Client } from './client.ts';
import {
  Conversation,
  runLogic,
  type ClientContext,
  type ConversationOptions,
} from './conversation.ts';
import type { ApplicationNode } from './application-node.ts';
import { resumedChannel } from './telemetry.ts';

/** A target application's answer to an offer. */
export type Decision = { readonly accepted: true } | { readonly accepted: false; reason: string };

/** Takes the client. */
export const accept = (): Decision => ({ accepted: true });

/** Refuses it, with a reason that the routing application is told. */
export const reject = (reason: string): Decision => ({ accepted: false, reason });

/** A client that is offered: nothing of it has moved yet. */
export interface Offer<State> {
  readonly state: State;
  /** The node that offers it. */
  readonly from: string;
  readonly connection: ConnectionDescription;
  readonly node: ApplicationNode;
}

/** What a target application is given beside each client that it serves. */
export interface ServeContext<State> extends ClientContext {
  /** Exactly the state with which the offer was accepted (CT-8). */
  readonly state: State;
}

/** Serves a client. It may say what the socket is to be like. */
export interface ServeFunction<State> {
  (client: Client, context: ServeContext<State>): unknown;
  readonly allowHalfOpen?: boolean;
}

/** What a target application consists of. */
export interface TargetDefinition<State> {
  /** Answers an offer, within 0.9 s. Default: every offer is accepted. */
  readonly consider?: (offer: Offer<State>) => Decision | PromiseLike<Decision>;
  /**
   * Serves a client: a function, which `serveWith(server)` makes of any server, or XState logic
   * with `{ client, context }` as its input.
   */
  readonly serve: ServeFunction<State> | AnyActorLogic;
  /** As `net.createServer`'s: whether the client's end leaves ours open. Default: as in `serve`. */
  readonly allowHalfOpen?: boolean;
}

const kind = Symbol.for('interplex.target');

/** A target application, as its module exports it by the name `target`. */
export interface TargetApplication {
  readonly [kind]: true;
  readonly consider: (offer: Offer<unknown>) => unknown;
  readonly serve: (client: Client, context: ServeContext<unknown>) => unknown;
  readonly allowHalfOpen: boolean;
}

/**
 * Makes a target application. `State` is what its routing application gives; it comes from another
 * thread and is not checked here. What `serve` throws ends that client alone; what `consider`
 * throws rejects the offer.
 */
export function targetApplication<State = unknown>(
  definition: TargetDefinition<State>,
): TargetApplication {
  const { consider = accept, serve } = definition;
  if (typeof consider !== 'function' || (typeof serve !== 'function' && !isLogic(serve))) {
    throw new InterplexError(
      'IPX_APPLICATION_INVALID',
      'targetApplication() takes { serve, consider? }: functions, or XState logic as `serve`.',
    );
  }
  return {
    [kind]: true,
    // The sender's word for the state's type is taken here, once, for both functions.
    consider: (offer) => consider(offer as Offer<State>),
    serve: (client, context) =>
      isLogic(serve)
        ? runLogic(serve, context, { client, context })
        : serve(client, context as ServeContext<State>),
    allowHalfOpen: definition.allowHalfOpen ?? (isLogic(serve) ? false : !!serve.allowHalfOpen),
  };
}

/** A module's export `target`, whichever form it has; `undefined` if it has none of them. */
export function parseTarget(value: unknown): TargetApplication | undefined {
  if (typeof value === 'object' && value !== null && kind in value) {
    return value as TargetApplication;
  }
  return isLogic(value) ? targetApplication({ serve: value }) : undefined;
}

type OfferMade = Extract<StackMessage, { type: 'offer.made' }>;

export class TargetRole {
  readonly #conversation: Conversation;
  readonly #application: TargetApplication;
  /** States of offers that were made and are neither dropped nor served. */
  readonly #states = new Map<number, unknown>();

  constructor(application: TargetApplication, options: ConversationOptions) {
    this.#application = application;
    this.#conversation = new Conversation(options);
  }

  open(onOpened: () => void): void {
    this.#conversation.open((message) => this.#hear(message, onOpened));
  }

  close(): void {
    this.#conversation.close();
  }

  listen(vipa: VipaName): void {
    this.#conversation.options.channel.send({ type: 'listen', vipa });
  }

  unlisten(vipa: VipaName): void {
    this.#conversation.options.channel.send({ type: 'unlisten', vipa });
  }

  sayGoodbye(onGone: () => void): void {
    this.#conversation.sayGoodbye(onGone);
  }

  #hear(message: StackMessage, onOpened: () => void): void {
    switch (message.type) {
      case 'channel.opened':
        onOpened();
        return;
      case 'offer.made':
        void this.#consider(message);
        return;
      case 'offer.dropped':
        this.#states.delete(message.offer);
        return;
      case 'client.served':
        this.#serve(message);
        return;
      default:
        return; // The rest is for routing applications.
    }
  }

  async #consider({ offer, giver, connection, state: bytes }: OfferMade): Promise<void> {
    const { channel, node, onFailure } = this.#conversation.options;
    const state = decodeState(bytes);
    this.#states.set(offer, state);
    let refusal: Refusal | undefined;
    try {
      const decision = this.#application.consider({ state, from: giver, connection, node });
      refusal = refusalOf(isPromised(decision) ? await decision : decision);
    } catch (error) {
      onFailure(error);
      refusal = { code: 'IPX_TARGET_FAILED', reason: `The target failed: ${sentenceOf(error)}` };
    }
    if (!refusal) {
      channel.send({ type: 'offer.accept', offer });
      return;
    }
    this.#states.delete(offer);
    channel.send({ type: 'offer.reject', offer, refusal });
  }

  #serve({ offer, client: id }: Extract<StackMessage, { type: 'client.served' }>): void {
    const state = this.#states.get(offer);
    this.#states.delete(offer);
    const conversation = this.#conversation;
    const client = conversation.options.clients.get(id);
    if (!client) return; // It left between its adoption and now.
    const context: ServeContext<unknown> = Object.assign(conversation.contextOf(client), { state });
    void conversation.serve(client, () => this.#application.serve(client, context));
    beginReading(client.socket); // Only now: no byte and no end comes before someone listens.
    if (resumedChannel.hasSubscribers) resumedChannel.publish(client.connection);
  }
}

/** A promise of whatever kind: one of another realm, or a library's own. */
const isPromised = (value: unknown): value is PromiseLike<unknown> =>
  typeof value === 'object' &&
  value !== null &&
  'then' in value &&
  typeof value.then === 'function';

/** Checks what `consider` returned. Throws IPX_DECISION_INVALID or IPX_REASON_MISSING. */
function refusalOf(decision: unknown): Refusal | undefined {
  if (typeof decision !== 'object' || decision === null || !('accepted' in decision)) {
    throw new InterplexError(
      'IPX_DECISION_INVALID',
      'consider() must return accept() or reject(reason), or a promise of one.',
    );
  }
  if (decision.accepted === true) return undefined;
  const reason = 'reason' in decision ? decision.reason : undefined;
  if (typeof reason === 'string' && reason.trim() !== '') {
    return { code: 'IPX_TARGET_REJECTED', reason };
  }
  throw new InterplexError(
    'IPX_REASON_MISSING',
    'reject() needs a reason: a sentence that the routing application can show.',
  );
}
