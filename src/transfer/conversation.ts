/**
 * What both roles of an application share: their control channel, the targets that it tells of,
 * the clients they serve, and a farewell when the node drains.
 */
import { createActor, toPromise, type AnyActorLogic } from 'xstate';
import type { Role, StackMessage } from '../../actors/protocol.ts';
import type { ApplicationName, Target, VipaName } from '../../actors/vocabulary.ts';
import { sightOfNode } from '../runtime/sight.ts';
import type { ApplicationNode } from './application-node.ts';
import { isDeparture, type Client } from './client.ts';
import type { Clients } from './clients.ts';
import type { ApplicationEnd } from './control-channel.ts';
import { TransferRequests, type TransferPlan, type TransferResult } from './transfer-requests.ts';

export interface ConversationOptions {
  readonly application: ApplicationName;
  readonly role: Role;
  readonly node: ApplicationNode;
  readonly clients: Clients;
  readonly channel: ApplicationEnd;
  /** An application's code has failed; the client of that code is closed. */
  readonly onFailure: (error: unknown) => void;
}

/** What an application is given beside each client, in either role. */
export interface ClientContext {
  readonly node: ApplicationNode;
  readonly vipa: string;
  /** This client's own; aborted when the node drains: say goodbye. */
  readonly signal: AbortSignal;
  /** The targets of that name that listen on the client's VIPA, ordered by node (CT-4). */
  targets(application: string): readonly Target[];
  /** Calls back with all of the VIPA's targets after each change. Returns how to stop. */
  on(event: 'targets.changed', listener: (targets: readonly Target[]) => void): () => void;
  /** Moves the client, or moves it on (CT-9). Refused, it is still here, whole and readable. */
  transfer(client: Client, plan: TransferPlan): Promise<TransferResult>;
}

export class Conversation {
  readonly options: ConversationOptions;
  readonly #requests: TransferRequests;
  #servingCount = 0;
  /** The signals of clients that are served, where one was asked for. */
  readonly #farewells = new Map<Client, AbortController>();
  readonly #listeners = new Set<(targets: readonly Target[]) => void>();
  #targets: readonly Target[] = [];
  #onGone: (() => void) | undefined;
  #isDraining = false;

  constructor(options: ConversationOptions) {
    this.options = options;
    this.#requests = new TransferRequests(options.channel, (client, application) =>
      this.#targetsOf(client.connection.vipa, application),
    );
  }

  open(hear: (message: StackMessage) => void): void {
    const { channel, application, role } = this.options;
    channel.listen(
      (message) => {
        if (message.type === 'targets.changed') this.#learn(message.targets);
        else if (!this.#requests.hear(message)) hear(message);
      },
      () => this.#requests.failAll(),
    );
    channel.send({ type: 'channel.open', application, role });
  }

  close(): void {
    this.options.channel.send({ type: 'channel.close' });
  }

  contextOf(client: Client): ClientContext {
    const { vipa } = client.connection;
    const signal = () => this.#signalOf(client);
    return {
      node: this.options.node,
      vipa,
      get signal() {
        return signal();
      },
      targets: (application) => this.#targetsOf(vipa, application),
      on: (_event, listener) => this.#onTargets(vipa, listener),
      transfer: (moved, plan) => this.#requests.request(moved, plan),
    };
  }

  /** Runs the application's code for one client; what it throws ends that client alone. */
  async serve(client: Client, code: () => unknown): Promise<void> {
    this.#servingCount += 1;
    client.onClose = this.#forget;
    try {
      await code();
      dismiss(client);
    } catch (error) {
      if (!isDeparture(error)) this.options.onFailure(error);
      client.destroy();
    }
  }

  /** Tells the application's code to say goodbye. Calls back once, when no client is left. */
  sayGoodbye(onGone: () => void): void {
    this.#isDraining = true;
    for (const farewell of this.#farewells.values()) farewell.abort();
    if (this.#servingCount === 0) onGone();
    else this.#onGone = onGone;
  }

  readonly #forget = (client: Client): void => {
    this.#farewells.delete(client);
    this.#servingCount -= 1;
    if (this.#servingCount === 0) this.#onGone?.();
  };

  #signalOf(client: Client): AbortSignal {
    const farewell = this.#farewells.get(client) ?? new AbortController();
    if (!client.socket.closed) this.#farewells.set(client, farewell);
    if (this.#isDraining) farewell.abort();
    return farewell.signal;
  }

  #targetsOf(vipa: VipaName, application: string): readonly Target[] {
    return this.#targets.filter(
      (target) => target.vipa === vipa && target.application === application,
    );
  }

  #onTargets(vipa: VipaName, listener: (targets: readonly Target[]) => void): () => void {
    const filtered = (targets: readonly Target[]) =>
      listener(targets.filter((target) => target.vipa === vipa));
    this.#listeners.add(filtered);
    return () => this.#listeners.delete(filtered);
  }

  #learn(targets: readonly Target[]): void {
    this.#targets = targets;
    for (const listener of this.#listeners) listener(targets);
  }
}

/**
 * What a client still sends when its application has ended it and is done is nobody's. It is read
 * away: a socket that holds unread bytes sees neither the client's end nor that it has left.
 */
function dismiss({ socket }: Client): void {
  const listeners = socket.listenerCount('data') + socket.listenerCount('readable');
  if (socket.writableEnded && listeners === 0) socket.resume();
}

/** Runs a user's XState logic for a client to its end; its error is the promise's. */
export async function runLogic(
  logic: AnyActorLogic,
  { node }: ClientContext,
  input: unknown,
): Promise<void> {
  const actor = createActor(logic, { input });
  const over = sightOfNode(node).onRoot(actor);
  const ended = toPromise(actor);
  actor.start();
  await ended.finally(over);
}
