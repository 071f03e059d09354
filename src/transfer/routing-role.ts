/** Routing applications: they answer a VIPA's clients and choose where each should be served. */
import type { AnyActorLogic } from 'xstate';
import type { StackMessage } from '../../actors/protocol.ts';
import { InterplexError } from '../errors.ts';
import { isLogic } from '../runtime/behaviours.ts';
import type { Client } from './client.ts';
import {
  Conversation,
  runLogic,
  type ClientContext,
  type ConversationOptions,
} from './conversation.ts';

/** What a routing application is given beside each client. */
export type RouteContext = ClientContext;

export type RoutingFunction = (client: Client, route: RouteContext) => unknown;

const kind = Symbol.for('interplex.routing');

/** A routing application, as its module exports it by the name `routing`. */
export interface RoutingApplication {
  readonly [kind]: true;
  readonly converse: RoutingFunction;
}

/**
 * Makes a routing application of a function, called for each client, or of XState logic, run for
 * each with `{ client, route }` as its input. A client that is neither transferred nor ended
 * stays with the application, as with `net.createServer`. What is thrown ends that client alone.
 */
export function routingApplication(code: RoutingFunction | AnyActorLogic): RoutingApplication {
  if (isLogic(code)) {
    return { [kind]: true, converse: (client, route) => runLogic(code, route, { client, route }) };
  }
  if (typeof code === 'function') return { [kind]: true, converse: code };
  throw new InterplexError(
    'IPX_APPLICATION_INVALID',
    'routingApplication() takes a function of (client, route), or XState logic.',
  );
}

/** A module's export `routing`, whichever form it has; `undefined` if it has none of them. */
export function parseRouting(value: unknown): RoutingApplication | undefined {
  if (typeof value === 'object' && value !== null && kind in value) {
    return value as RoutingApplication;
  }
  return isLogic(value) ? routingApplication(value) : undefined;
}

export class RoutingRole {
  readonly #conversation: Conversation;
  readonly #application: RoutingApplication;

  constructor(application: RoutingApplication, options: ConversationOptions) {
    this.#application = application;
    this.#conversation = new Conversation(options);
  }

  open(onOpened: () => void): void {
    this.#conversation.open((message) => this.#hear(message, onOpened));
  }

  close(): void {
    this.#conversation.close();
  }

  sayGoodbye(onGone: () => void): void {
    this.#conversation.sayGoodbye(onGone);
  }

  #hear(message: StackMessage, onOpened: () => void): void {
    if (message.type === 'channel.opened') onOpened();
    if (message.type !== 'client.arrived') return;
    const client = this.#conversation.options.clients.get(message.client);
    if (!client) return; // It left before it was seen.
    const route = this.#conversation.contextOf(client);
    void this.#conversation.serve(client, () => this.#application.converse(client, route));
  }
}
