/**
 * A node's messenger: cluster messages over plain IP (CM-1), addressed by the table and by nothing
 * else (CM-2). It is given its clock, its sockets and its randomness, so that a thousand of them
 * run in a simulated network as they run in a real one.
 */
import { createActor, waitFor, type ActorRefFrom } from 'xstate';
import type { messengerMachine } from '../../actors/messaging/messenger.ts';
import type { NodeId, Refusal } from '../../actors/vocabulary.ts';
import { InterplexError, isErrorCode } from '../errors.ts';
import { limits } from '../limits.ts';
import { requireListener } from '../options.ts';
import { tellEach } from '../listeners.ts';
import { hashText, rowsOf } from './address-table.ts';
import type { MessagingCounters } from './counters.ts';
import { Engine } from './engine.ts';
import type { Member, MessagingEvent, ObservedAdapter } from './events.ts';
import type { Message, MessageListener } from './exchange.ts';
import type { MessengerWorld } from './messenger-world.ts';
import { orderFor } from './responsibilities.ts';
import type { ShownRoute } from './routes.ts';
import type { Row } from './row.ts';
import {
  requireKind,
  requireMessage,
  requireRequestOptions,
  requireSendOptions,
  type RequestOptions,
  type SendOptions,
} from './send-options.ts';
import { parseMessenger, requirePort, type MessengerOptions } from './settings.ts';

/** The cluster destination address table, as this node has it. */
export interface AddressTableView {
  rows(): readonly Row[];
  /** 16 hexadecimal digits, equal on all nodes that hold the same rows (CM-5). */
  readonly hash: string;
  /** To networks that no adapter here is on (CM-4). */
  routes(): readonly ShownRoute[];
  /** Who does what nobody was configured for, the first one, then its backups (CM-8). */
  orderFor(duty: string): readonly NodeId[];
  /** Other nodes' adapters as this one sees them (CM-6). */
  observed(): readonly ObservedAdapter[];
}

export class Messenger {
  readonly node: NodeId;
  readonly addressTable: AddressTableView;
  readonly #engine: Engine;
  readonly #actor: ActorRefFrom<typeof messengerMachine>;
  readonly #subscribers = new Set<(event: MessagingEvent) => void>();
  #isStarted = false;
  readonly #openings = new Set<string>();

  /** Throws the coded errors of bad options. */
  constructor(options: MessengerOptions, world: MessengerWorld) {
    const settings = parseMessenger(options);
    this.node = settings.node;
    const engine = new Engine(settings, world, {
      tell: (event) => tellEach(this.#subscribers, event),
      onAdapter: (address, refusal) => {
        const isFirst = !this.#openings.has(address);
        this.#openings.add(address);
        if (!refusal) this.#actor.send({ type: 'adapter.opened' });
        else if (isFirst) this.#actor.send({ type: 'adapter.failed', refusal }); // Counted once.
      },
      onDrained: () => this.#actor.send({ type: 'messages.drained' }),
      onTaken: (refusal) => {
        this.#actor.send({ type: 'name.taken', refusal });
        tellEach(this.#subscribers, { type: 'self.displaced', refusal });
      },
    });
    this.#engine = engine;
    this.addressTable = {
      rows: () => rowsOf(engine.directory.table),
      get hash() {
        return hashText(engine.directory.table.hash);
      },
      routes: () => engine.routes.all,
      orderFor: (duty) => orderFor(rowsOf(engine.directory.table), duty),
      observed: () => engine.peers.observed(),
    };
    const logic = world.logics.messenger({
      openAdapters: () => engine.openAdapters(),
      join: () => engine.join(),
      sayGoodbye: () => engine.sayGoodbye(),
      closeAdapters: () => engine.close(),
    });
    const input = { awaited: settings.adapters.length, drainMs: limits.drainMs };
    const actor = createActor(logic, { id: 'messenger', input, clock: world.clock });
    actor.subscribe({ complete: world.sight.onRoot(actor) });
    this.#actor = actor;
  }

  /** Settles when an adapter is open. Rejects with what kept the last one from it. */
  async start(): Promise<void> {
    this.#isStarted = true;
    this.#actor.start();
    const reached = await waitFor(
      this.#actor,
      (snapshot) => snapshot.status !== 'active' || snapshot.hasTag('usable'),
    );
    if (reached.status === 'active') return;
    const { refusal } = reached.output ?? {};
    if (!refusal) throw closedError(this.node);
    const code = isErrorCode(refusal.code) ? refusal.code : 'IPX_ADDRESS_UNUSABLE';
    throw new InterplexError(code, refusal.reason);
  }

  /**
   * Settles when the other node's messenger has the message: its listener has been called. Rejects
   * with IPX_NODE_UNKNOWN, IPX_NODE_LOST, IPX_MESSAGE_LIMIT, IPX_MESSAGE_TIMEOUT or others.
   */
  send<Sent extends Message>(to: string, message: Sent, options?: SendOptions): Promise<void> {
    // Not `async`: of all that it costs to send a message, promises are the larger part.
    try {
      if (options !== undefined) requireSendOptions(options);
      requireMessage(message);
      this.#requireUsable();
      const { post, exchange } = this.#engine;
      const peer = post.peerOf(to);
      const { reliable = true, timeoutMs = limits.messageTimeoutMs } = options ?? {};
      if (reliable) return exchange.send(peer, message, timeoutMs);
      post.sendUnreliably(peer, message);
      return Promise.resolve();
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** What the other node's listener returns. Rejects as `send` does, and with what it threw. */
  async request<Sent extends Message>(
    to: string,
    message: Sent,
    options: RequestOptions = {},
  ): Promise<unknown> {
    requireRequestOptions(options);
    const { timeoutMs = limits.requestTimeoutMs } = options;
    requireMessage(message);
    this.#requireUsable();
    return this.#engine.exchange.request(this.#engine.post.peerOf(to), message, timeoutMs);
  }

  /**
   * One listener a kind; what it returns answers requests. Returns what ends it. Throws
   * IPX_NAME_TAKEN or IPX_OPTION_INVALID.
   */
  on(kind: string, listener: MessageListener): () => void {
    requireKind(kind);
    requireListener('messenger.on', listener);
    return this.#engine.exchange.on(kind, listener);
  }

  /** All nodes of the table but this one. */
  members(): Member[] {
    const { directory, peers } = this.#engine;
    return rowsOf(directory.table)
      .filter(({ node }) => node !== this.node)
      .map((row) => peers.memberOf(row));
  }

  /** Tells of every change, with its reason. Returns what ends that. */
  subscribe(listener: (event: MessagingEvent) => void): () => void {
    requireListener('messenger.subscribe', listener);
    this.#subscribers.add(listener);
    return () => void this.#subscribers.delete(listener);
  }

  /** Datagrams and messages that were dropped, by their cause, and others. */
  counters(): Readonly<MessagingCounters> {
    return { ...this.#engine.counters };
  }

  /**
   * What this key seals is understood from now on, while the present one seals. Every node accepts
   * the next key before the first rotates to it, or is not understood by others for a while.
   * Throws IPX_KEY_INVALID.
   */
  acceptKey(next: Uint8Array): void {
    this.#engine.sealer.accept(next);
  }

  /** From now on this key seals, and the one before is still understood. Throws IPX_KEY_INVALID. */
  rotateKey(next: Uint8Array): void {
    this.#engine.sealer.rotate(next);
    tellEach(this.#subscribers, { type: 'key.rotated' });
  }

  /**
   * Takes one of this node's addresses out of service, or back in. The others learn of it by its
   * row, and use its other addresses meanwhile. Throws IPX_ADDRESS_UNUSABLE for one that is none.
   */
  setService(address: string, isInService: boolean): void {
    if (this.#engine.setService(address, isInService)) return;
    const own = this.addressTable.rows().find(({ node }) => node === this.node);
    const known = own?.adapters.map((adapter) => adapter.address).join(', ');
    const sentence = `"${address}" is none of this node's addresses, which are: ${known}.`;
    throw new InterplexError('IPX_ADDRESS_UNUSABLE', sentence);
  }

  /**
   * Adds or changes the TCP port of data ports, at this address or at all; 0 is none. Throws
   * IPX_OPTION_INVALID.
   */
  setDataPort(port: number, address?: string): void {
    requirePort('dataPort', port); // Others could not read its row.
    this.#engine.setDataPort(port, address);
  }

  /** Tells the cluster, waits until what was sent is received, and closes. */
  async leave(): Promise<void> {
    if (this.#isActive) this.#actor.send({ type: 'leave' });
    await this.#ended();
  }

  /** At once, and unsaid: the others will find out. */
  async close(): Promise<void> {
    if (this.#isActive) this.#actor.send({ type: 'close' });
    await this.#ended();
  }

  get #isActive(): boolean {
    return this.#isStarted && this.#actor.getSnapshot().status === 'active';
  }

  async #ended(): Promise<void> {
    if (!this.#isStarted) return;
    await waitFor(this.#actor, ({ status }) => status !== 'active', { timeout: Infinity });
    await this.#engine.routes.close();
  }

  #requireUsable(): void {
    const snapshot = this.#actor.getSnapshot();
    if (!snapshot.hasTag('usable')) throw closedError(this.node, snapshot.output?.refusal);
  }
}

const closedError = (node: NodeId, refusal?: Refusal) =>
  new InterplexError(
    'IPX_MESSENGER_CLOSED',
    refusal
      ? `The messenger of "${node}" has closed. ${refusal.reason}`
      : `The messenger of "${node}" is not open: start it first, and send nothing after its end.`,
  );
