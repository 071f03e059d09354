/**
 * What both roles of an application share: their control channel, the targets that it tells of,
 * the clients they serve, and a farewell when the node drains.
 */
import { createActor, toPromise, type AnyActorLogic } from 'xstate';
import type { Logger } from 'pino';
import type { Role, StackMessage } from '../../actors/protocol.ts';
import type { ApplicationName, Target, VipaName } from '../../actors/vocabulary.ts';
import type { ActorDirectory } from '../runtime/actor-directory.ts';
import { isDeparture, type Client } from './client.ts';
import type { Clients } from './clients.ts';
import type { ApplicationEnd } from './control-channel.ts';
import { TransferRequests, type TransferPlan, type TransferResult } from './transfer-requests.ts';

/** The node that an application runs at, as the application sees it. */
export interface ApplicationNode {
  readonly id: string;
  /** Of the worker thread; 0 in the main thread. */
  readonly threadId: number;
  readonly log: Logger;
  readonly actors: ActorDirectory;
}

export interface ConversationOptions {
  readonly application: ApplicationName;
  readonly role: Role;
  readonly node: ApplicationNode;
  readonly clients: Clients;
  readonly channel: ApplicationEnd;
  /** An application's code has failed; the client of that code is closed. */
  readonly onFailure: (error: unknown) => void;
}

export class Conversation {
  readonly options: ConversationOptions;
  readonly #requests: TransferRequests;
  readonly #farewell = new AbortController();
  readonly #serving = new Set<Client>();
  readonly #listeners = new Set<(targets: readonly Target[]) => void>();
  #targets: readonly Target[] = [];
  #onGone: (() => void) | undefined;

  constructor(options: ConversationOptions) {
    this.options = options;
    this.#requests = new TransferRequests(options.channel, (client, application) =>
      this.targets(client.connection.vipa, application),
    );
  }

  /** Aborted when the node drains: say goodbye to the clients. */
  get signal(): AbortSignal {
    return this.#farewell.signal;
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

  targets(vipa: VipaName, application: string): readonly Target[] {
    return this.#targets.filter(
      (target) => target.vipa === vipa && target.application === application,
    );
  }

  onTargets(vipa: VipaName, listener: (targets: readonly Target[]) => void): () => void {
    const filtered = (targets: readonly Target[]) =>
      listener(targets.filter((target) => target.vipa === vipa));
    this.#listeners.add(filtered);
    return () => this.#listeners.delete(filtered);
  }

  transfer(client: Client, plan: TransferPlan): Promise<TransferResult> {
    return this.#requests.request(client, plan);
  }

  /** Runs the application's code for one client; what it throws ends that client alone. */
  async serve(client: Client, code: () => unknown): Promise<void> {
    this.#serving.add(client);
    client.socket.once('close', () => {
      this.#serving.delete(client);
      if (this.#serving.size === 0) this.#onGone?.();
    });
    try {
      await code();
    } catch (error) {
      if (!isDeparture(error)) this.options.onFailure(error);
      client.destroy();
    }
  }

  /** Tells the application's code to say goodbye. Calls back once, when no client is left. */
  sayGoodbye(onGone: () => void): void {
    this.#farewell.abort();
    if (this.#serving.size === 0) onGone();
    else this.#onGone = onGone;
  }

  #learn(targets: readonly Target[]): void {
    this.#targets = targets;
    for (const listener of this.#listeners) listener(targets);
  }
}

/** Whether a value is XState logic: a machine, or what `fromPromise` and its kin make. */
export const isLogic = (value: unknown): value is AnyActorLogic =>
  typeof value === 'object' &&
  value !== null &&
  'transition' in value &&
  'getInitialSnapshot' in value;

/** Runs a user's XState logic to its end; its error is the promise's. */
export async function runLogic(logic: AnyActorLogic, input: unknown): Promise<void> {
  const actor = createActor(logic, { input });
  const ended = toPromise(actor);
  actor.start();
  await ended;
}
