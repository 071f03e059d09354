/** Routing applications: they answer a VIPA's clients and choose where each should be served. */
import type { AnyActorLogic } from 'xstate';
import type { StackMessage } from '../../actors/protocol.ts';
import type { Target, VipaName } from '../../actors/vocabulary.ts';
import { InterplexError } from '../errors.ts';
import type { Client } from './client.ts';
import {
  Conversation,
  isLogic,
  runLogic,
  type ApplicationNode,
  type ConversationOptions,
} from './conversation.ts';
import type { TransferPlan, TransferResult } from './transfer-requests.ts';

/** What a routing application is given beside each client. */
export interface RouteContext {
  readonly node: ApplicationNode;
  readonly vipa: string;
  /** Aborted when the node drains: say goodbye. */
  readonly signal: AbortSignal;
  /** The targets of that name that listen on this VIPA, ordered by node (CT-4). */
  targets(application: string): readonly Target[];
  /** Calls back with all of this VIPA's targets after each change. Returns how to stop. */
  on(event: 'targets.changed', listener: (targets: readonly Target[]) => void): () => void;
  /** Moves the client. Refused, the client is still here, whole and readable. */
  transfer(client: Client, plan: TransferPlan): Promise<TransferResult>;
}

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
    return { [kind]: true, converse: (client, route) => runLogic(code, { client, route }) };
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
  readonly #contexts = new Map<VipaName, RouteContext>();

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
    const route = this.#contextOf(client.connection.vipa);
    void this.#conversation.serve(client, () => this.#application.converse(client, route));
  }

  #contextOf(vipa: VipaName): RouteContext {
    const known = this.#contexts.get(vipa);
    if (known) return known;
    const conversation = this.#conversation;
    const context: RouteContext = {
      node: conversation.options.node,
      vipa,
      signal: conversation.signal,
      targets: (application) => conversation.targets(vipa, application),
      on: (_event, listener) => conversation.onTargets(vipa, listener),
      transfer: (client, plan) => conversation.transfer(client, plan),
    };
    this.#contexts.set(vipa, context);
    return context;
  }
}
