/** The actors of one node: spawned or registered here, and found wherever they are (AF-4, AF-5). */
import type { Logger } from 'pino';
import type { AnyActor, AnyActorLogic, InputFrom } from 'xstate';
import type { ActorEndReason, NodeId } from '../../actors/vocabulary.ts';
import { InterplexError, sentenceOf } from '../errors.ts';
import { limits } from '../limits.ts';
import { invalid, requireOptions } from '../options.ts';
import { ActorDirectory } from './actor-directory.ts';
import { ActorHost } from './actor-host.ts';
import type { ActorReference } from './actor-reference.ts';
import { lost } from './asks.ts';
import {
  functionBehaviour,
  isLogic,
  logicBehaviour,
  receiverBehaviour,
  type ActorFunction,
  type EventReceiver,
  type RootListener,
} from './behaviours.ts';
import { DeadLetters } from './dead-letters.ts';
import { EventPost } from './event-post.ts';
import type { Links } from './links.ts';
import { throwLater } from '../listeners.ts';
import { Mailbox, type MailboxOptions } from './mailbox.ts';
import type { ActorsListener, ActorWish } from './receptionist.ts';
import { SpawnedActor, type Ends } from './spawned-actor.ts';
import { parseSupervision, type Supervise, type SupervisionOptions } from './supervisor.ts';

export interface RegisterOptions {
  /** What it is found by together with others of its kind. */
  readonly kind?: string;
  readonly mailbox?: MailboxOptions;
}

export interface SpawnOptions<Input = unknown> extends RegisterOptions {
  readonly input?: Input;
  /** Default: a crash ends the actor. Restarted, it keeps its address and its mailbox. */
  readonly supervision?: SupervisionOptions;
}

/** One actor's mailbox, as it is now. */
export interface MailboxFigures {
  readonly address: string;
  readonly depth: number;
  readonly capacity: number;
  /** Events that found no place. */
  readonly dropped: number;
  /** How long the oldest has waited. */
  readonly waitMs: number;
  readonly restarts: number;
}

export interface NodeActorsOptions {
  readonly node: NodeId;
  readonly links: Links;
  readonly log: Logger;
  readonly supervise: Supervise;
  readonly onRoot: RootListener;
  /** An actor's crash is the node's. */
  readonly onEscalate: (error: InterplexError) => void;
}

export class NodeActors {
  /** Events that reached no actor, as far as this node knows of them. */
  readonly deadLetters = new DeadLetters();
  readonly #options: NodeActorsOptions;
  readonly #directory: ActorDirectory;
  readonly #post: EventPost;
  readonly #spawned = new Map<ActorHost, SpawnedActor>();

  /** For a node. */
  constructor(options: NodeActorsOptions) {
    const { node, links } = options;
    this.#options = options;
    this.#post = new EventPost({
      node,
      links,
      deadLetters: this.deadLetters,
      directory: () => this.#directory,
      onCrash: (host, error) => this.#crash(host, error),
    });
    const referenceTo = (address: string) => this.#post.referenceTo(address);
    this.#directory = new ActorDirectory({ node, links, referenceTo });
  }

  /**
   * Makes an actor that runs already reachable by name. Returns its reference, and how to end
   * that. Throws IPX_ADDRESS_INVALID, IPX_NAME_TAKEN while another of this node has the name,
   * IPX_ACTOR_LIMIT, IPX_OPTION_INVALID.
   */
  register(
    name: string,
    receiver: EventReceiver,
    options: RegisterOptions = {},
  ): { reference: ActorReference; end: () => void } {
    const host = this.#host('register()', name, options);
    if (typeof receiver?.send !== 'function') {
      throw invalidCode('register()', name, 'an object with send(event)');
    }
    host.behaviour = receiverBehaviour(receiver);
    this.#directory.begin(host);
    return { reference: host.reference, end: () => this.#cease(host, 'stopped') };
  }

  /**
   * Starts an actor of this node, reachable by name: XState logic, or a function that takes one
   * event at a time. Throws as `register` does.
   */
  spawn<Logic extends AnyActorLogic>(
    name: string,
    logic: Logic,
    options?: SpawnOptions<InputFrom<Logic>>,
  ): ActorReference;
  spawn<Input>(
    name: string,
    code: ActorFunction<Input>,
    options?: SpawnOptions<Input>,
  ): ActorReference;
  spawn(
    name: string,
    logic: AnyActorLogic | ActorFunction<never>,
    options: SpawnOptions<never> = {},
  ): ActorReference {
    const host = this.#host('spawn()', name, options);
    if (typeof logic !== 'function' && !isLogic(logic)) {
      throw invalidCode('spawn()', name, 'XState logic, or a function of (event, context)');
    }
    const supervision =
      options.supervision === undefined
        ? undefined
        : parseSupervision(`${name}.supervision`, options.supervision);
    const spawned = new SpawnedActor({
      host,
      incarnate: (ends) => this.#incarnate(host, logic, options.input, ends),
      supervision,
      supervise: this.#options.supervise,
      node: this.#asSpawning,
    });
    this.#spawned.set(host, spawned);
    this.#directory.begin(host);
    spawned.start();
    return host.reference;
  }

  /** The actor of that name, here or at another node (this one's first); `undefined` if none. */
  find(name: string): ActorReference | undefined {
    return this.#directory.receptionist.find({ name })[0];
  }

  /** All actors of that name or kind, those of this node first. Throws IPX_OPTION_INVALID. */
  findAll(wish: ActorWish): readonly ActorReference[] {
    return this.#directory.receptionist.find(wish);
  }

  /** Calls back with them now, and after each change. Returns how to stop. Throws as `findAll`. */
  subscribe(wish: ActorWish, listener: ActorsListener): () => void {
    return this.#directory.receptionist.subscribe(wish, listener);
  }

  /** A reference from an address that was kept. Throws IPX_ADDRESS_INVALID. */
  at(address: string): ActorReference {
    return this.#post.referenceTo(address);
  }

  /**
   * Lets an actor of this node take what waits for it, and nothing more, then ends it; at the
   * limit what is left goes to the dead letters. Throws IPX_ACTOR_UNKNOWN, IPX_OPTION_INVALID.
   */
  async stop(actor: ActorReference, options: { readonly drainMs?: number } = {}): Promise<void> {
    const host = this.#directory.hostAt(actor.address);
    if (!host) {
      const sentence = `No actor ${actor.address} runs at this node: stop it at its own.`;
      throw new InterplexError('IPX_ACTOR_UNKNOWN', sentence);
    }
    const { drainMs = limits.drainMs } = options;
    if (typeof drainMs !== 'number' || !(drainMs >= 0)) {
      const sentence = `drainMs is ${drainMs}: give a number of milliseconds from 0.`;
      throw new InterplexError('IPX_OPTION_INVALID', sentence);
    }
    await this.#drain(host, drainMs);
    this.#cease(host, 'stopped');
  }

  /** For the node, when it stops. */
  async stopAll(drainMs: number): Promise<void> {
    const hosts = [...this.#directory.hosts];
    await Promise.all(hosts.map((host) => this.stop(host.reference, { drainMs })));
    this.#post.asks.close();
  }

  /** Events that wait in all of its mailboxes. */
  get mailboxDepth(): number {
    let depth = 0;
    for (const { mailbox } of this.#directory.hosts) depth += mailbox.depth;
    return depth;
  }

  mailboxes(): readonly MailboxFigures[] {
    const nowMs = performance.now();
    return [...this.#directory.hosts].map(({ reference: { address }, mailbox, restarts }) => {
      const { depth, capacity, dropped } = mailbox;
      return { address, depth, capacity, dropped, waitMs: mailbox.waitMs(nowMs), restarts };
    });
  }

  readonly #asSpawning = {
    onRoot: (actor: AnyActor) => this.#options.onRoot(actor),
    resume: (host: ActorHost) => this.#post.turns.resume(host),
    suspend: (host: ActorHost, why: string) => this.#suspend(host, why),
    cease: (host: ActorHost, reason: 'done' | 'failed') => this.#cease(host, reason),
    report: (host: ActorHost, error: unknown, consequence: string) => {
      const { address } = host.reference;
      this.#options.log.error(
        { actor: address },
        `${address} ${consequence}: ${sentenceOf(error)}`,
      );
    },
    escalate: (error: InterplexError) => this.#options.onEscalate(error),
  };

  #host(call: string, name: string, options: RegisterOptions): ActorHost {
    requireOptions(call, options, 'give { kind, mailbox }, or leave them out');
    const { kind, mailbox } = options;
    if (kind !== undefined && typeof kind !== 'string') throw invalid('kind', 'give a string');
    const reference = this.#directory.newReference(name);
    return new ActorHost({ reference, kind, mailbox: new Mailbox(mailbox) });
  }

  #incarnate(
    { reference }: ActorHost,
    logic: AnyActorLogic | ActorFunction<never>,
    input: unknown,
    ends: Ends,
  ) {
    if (typeof logic === 'function') {
      return functionBehaviour(logic as ActorFunction, { self: reference, actors: this, input });
    }
    const { onRoot } = this.#options;
    return logicBehaviour(logic, { id: reference.name, input, onRoot }, ends);
  }

  #crash(host: ActorHost, error: unknown): void {
    const spawned = this.#spawned.get(host);
    if (spawned) spawned.crash(error);
    else if (host.isOver) this.#asSpawning.report(host, error, 'has thrown after its end');
    else throwLater(error); // What was registered is the application's own: so is its crash.
  }

  #suspend(host: ActorHost, why: string): void {
    host.behaviour = undefined;
    host.turn = undefined;
    const replies = this.#post.answers.takeAll(host, { begun: true });
    for (const reply of replies) this.#post.refuse(reply, lost(host.reference.address, why));
    if (host.isDraining) host.onIdle?.();
  }

  #cease(host: ActorHost, reason: ActorEndReason): void {
    if (host.isOver) return;
    host.isOver = true;
    this.#spawned.get(host)?.stop();
    this.#spawned.delete(host);
    this.#directory.cease(host, reason);
    this.#post.clear(host);
    host.onIdle?.();
  }

  /** Settles when it has taken what it was sent, or at the limit, or when it has ended. */
  async #drain(host: ActorHost, drainMs: number): Promise<void> {
    host.isDraining = true;
    if (host.isIdle || host.behaviour === undefined || host.isOver) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, Math.min(drainMs, limits.timerMsMax));
      const onIdle = host.onIdle; // Of who stops it as well.
      host.onIdle = () => {
        clearTimeout(timer);
        resolve();
        onIdle?.();
      };
    });
  }
}

const invalidCode = (call: string, name: string, what: string) =>
  new InterplexError(
    'IPX_OPTION_INVALID',
    `${call} has nothing to run as "${name}": give ${what}.`,
  );
