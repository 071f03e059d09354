/**
 * One end of a data port (DP-1, DP-9): both ends send and receive alike. Its machine decides what
 * the port is; its session has the messages.
 */
import type { Duplex } from 'node:stream';
import { createActor, type Actor } from 'xstate';
import type { dataPortMachine } from '../../actors/data-port/data-port.ts';
import type { DataPortInput } from '../../actors/data-port/port-knowledge.ts';
import { InterplexError } from '../errors.ts';
import type { RootListener } from '../runtime/behaviours.ts';
import { channelNamed, mainChannel, type Channel } from './channels.ts';
import type { Carriers } from './carriers.ts';
import type { Clock } from './clock.ts';
import { duplexOver } from './duplex.ts';
import { failureOf, PortClients } from './port-events.ts';
import type { PortClient, PortEvent, PortOutcome } from './port-events.ts';
import { portEffects, type PortEffects } from './port-effects.ts';
import type { ReceiveFunction, ReceiveOptions } from './receive-channel.ts';
import { schedulerOf, type PathPolicy } from './scheduler.ts';
import type { Acknowledgement } from './outgoing-frame.ts';
import { Session } from './session.ts';

type Logic = typeof dataPortMachine;

/** How a message goes. */
export interface PostOptions {
  /** Default `main`. */
  readonly channel?: string;
  /** Whose order counts, in a keyed channel. */
  readonly key?: string;
}
export interface SendOptions extends PostOptions {
  /** Default `received`; `applied` where the port has backups. */
  readonly acknowledgement?: Acknowledgement;
}
/** How a path does at this moment. */
export interface PathFigures {
  readonly path: number;
  readonly isSuspect: boolean;
  /** Smoothed round trip, in milliseconds. */
  readonly rttMs: number | undefined;
  /** Bytes a second, as measured while it was busy. */
  readonly bytesPerSecond: number;
  readonly underwayBytes: number;
}
export interface PortOptions {
  readonly id: string;
  readonly service: string;
  readonly input: DataPortInput;
  readonly channels: readonly Channel[];
  readonly policy: PathPolicy;
  readonly carriers: Carriers;
  readonly aim: (target: string, epoch: number) => void;
  readonly clock: Clock;
  readonly logic: (effects: PortEffects) => Logic;
  readonly isKnown: (node: string) => boolean;
  readonly clients: readonly PortClient[];
  readonly onRoot: RootListener | undefined;
}

export class DataPort implements AsyncDisposable {
  /** Its own name: the same at both ends, and at every target that it has. */
  readonly id: string;
  readonly service: string;
  /** Settles when the port has ended, however it did. */
  readonly ended: Promise<PortOutcome>;
  readonly #options: PortOptions;
  readonly #session: Session;
  readonly #clients = new PortClients();
  readonly #actor: Actor<Logic>;
  readonly #defaultAcknowledgement: Acknowledgement;

  constructor(options: PortOptions) {
    const { id, service, input, channels, policy, carriers, clock, aim } = options;
    this.id = id;
    this.service = service;
    this.#options = options;
    this.#defaultAcknowledgement = input.backups.length > 0 ? 'applied' : 'received';
    for (const client of options.clients) this.register(client);
    const clients = this.#clients;
    this.#session = new Session({
      channels,
      clock,
      schedule: schedulerOf(policy),
      epoch: input.epoch,
      events: {
        onSuspected: (path) => carriers.tell(path, { type: 'path.silent' }),
        onTrusted: (path) => carriers.tell(path, { type: 'path.heard' }),
        onLost: (path, error) => carriers.lose(path, error),
        onGoodbye: () => this.#actor.send({ type: 'peer.closed' }),
        onCongested: (channel) => clients.tell({ type: 'channel.congested', channel }),
        onResumed: (channel) => clients.tell({ type: 'channel.resumed', channel }),
      },
    });
    carriers.serve(this.#session);
    const effects = portEffects({
      session: this.#session,
      carriers,
      clients,
      aim,
      target: () => this.target,
      random: () => clock.random(),
    });
    this.#actor = createActor(options.logic(effects), { id: `data port ${id}`, input, clock });
    const over = options.onRoot?.(this.#actor);
    this.ended = new Promise((resolve) => {
      this.#actor.subscribe({ complete: () => (over?.(), resolve(this.#outcome())) });
    });
  }

  /** The node at the other end. */
  get target(): string {
    return this.#actor.getSnapshot().context.target;
  }
  /** Raised at each failover; what belongs to an earlier one does not count. */
  get epoch(): number {
    return this.#session.epoch;
  }
  get channels(): readonly Channel[] {
    return this.#options.channels;
  }
  /** The paths that are up. */
  get paths(): readonly PathFigures[] {
    return this.#session.paths.map(({ index, isSuspect, srttMs, rate, underwayBytes }) => {
      return { path: index, isSuspect, rttMs: srttMs, bytesPerSecond: rate * 1_000, underwayBytes };
    });
  }
  /** How often its paths were reset. */
  get resets(): number {
    return this.#clients.resets;
  }
  /** Bytes that were accepted and are not known to be applied. */
  get unappliedBytes(): number {
    return this.#session.outbound.bytes;
  }

  start(): void {
    this.#actor.start();
  }

  /** Settles when it is open. Rejects with why it could not be opened. */
  whenOpen(): Promise<void> {
    return this.#until((event) => event.type === 'port.open');
  }

  /**
   * Settles when the target has received the message, or applied it; rejects when the port ends
   * before. From 16 KiB on the bytes are not copied: leave them as they are until they are applied.
   */
  async send(bytes: Uint8Array, options: SendOptions = {}): Promise<void> {
    const { channel, key, acknowledgement = this.#defaultAcknowledgement } = options;
    if (acknowledgement !== 'received' && acknowledgement !== 'applied') {
      const sentence = `"${String(acknowledgement)}" is none: give received or applied.`;
      throw new InterplexError('IPX_OPTION_INVALID', sentence);
    }
    const to = this.#sending(channel);
    const sending = this.#outbound(bytes).send(bytes, to, key, acknowledgement);
    this.#session.flushSoon();
    await sending;
  }

  /** Settles when there is room for more: whoever awaits it cannot fill the memory. */
  post(bytes: Uint8Array, options?: PostOptions): Promise<void> {
    try {
      const channel = this.#sending(options?.channel);
      const posted = this.#outbound(bytes).post(bytes, channel, options?.key);
      this.#session.posted(bytes.length);
      return posted;
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** Nothing follows in that channel: who iterates over it at the other end comes to its end. */
  end(channel?: string): void {
    this.#session.outbound.end(this.#sending(channel));
    this.#session.flushSoon();
  }

  /** Each message of the channel, in its order. A message is applied when the handler is done. */
  receive(handler: ReceiveFunction, { channel, isLent = false }: ReceiveOptions = {}): void {
    this.#receiving(channel).receive(handler, isLent);
  }

  /** The same as an iteration: a message is applied when the next one is asked for. */
  messages(channel?: string): AsyncIterableIterator<Buffer> {
    return this.#receiving(channel).messages();
  }

  /** The channel as a stream of bytes, both ways. */
  duplex(channel: string = mainChannel): Duplex {
    return duplexOver(this, channel);
  }

  /** Returns how to be told no more. */
  register(client: PortClient): () => void {
    return this.#clients.register(client);
  }

  /**
   * Goes to that node, or to the next backup. Settles with the target once it answers; rejects with
   * IPX_NODE_UNKNOWN, IPX_PORT_UNREACHABLE, or why the port ended.
   */
  async failover(to?: string): Promise<string> {
    this.#requireOpen();
    if (to !== undefined && !this.#options.isKnown(to)) {
      const sentence = `The port cannot fail over to "${to}": no address of such a node is known.`;
      throw new InterplexError('IPX_NODE_UNKNOWN', sentence);
    }
    const reached = this.#untilFailedOver();
    this.#actor.send({ type: 'failover', to: to as DataPortInput['target'] | undefined });
    await reached;
    return this.target;
  }

  /** Goes back to the target that it was opened to. Settles and rejects as `failover()` does. */
  async failback(): Promise<string> {
    this.#requireOpen();
    if (this.target === this.#options.input.target) return this.target;
    const reached = this.#untilFailedOver();
    this.#actor.send({ type: 'failback' });
    await reached;
    return this.target;
  }

  /** Resets one path. Throws IPX_PATH_UNKNOWN. */
  reset(path: number): void {
    const { links } = this.#options.input;
    if (!Number.isInteger(path) || path < 0 || path >= links) {
      const sentence = `The port has no path ${path}: its paths are 0 to ${links - 1}.`;
      throw new InterplexError('IPX_PATH_UNKNOWN', sentence);
    }
    this.#actor.send({ type: 'reset', path });
  }

  /** Settles when what was accepted is applied, or after 5 s, and all is closed. */
  async close(): Promise<void> {
    this.#actor.send({ type: 'close' });
    await this.ended;
  }

  /** A later epoch of the same port has come to its target. */
  fence(): void {
    this.#actor.send({ type: 'session.fenced' });
  }

  /** The membership holds its target for dead: without a path, that is not waited for. */
  doubt(): void {
    this.#actor.send({ type: 'target.doubted' });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #outbound(bytes: unknown) {
    this.#requireOpen();
    if (bytes instanceof Uint8Array) return this.#session.outbound;
    const sentence = 'A data port sends bytes: give a Buffer or a Uint8Array.';
    throw new InterplexError('IPX_OPTION_INVALID', sentence);
  }

  #sending(name: string = mainChannel) {
    return this.#session.outbound.channels[this.#idOf(name)]!;
  }

  #receiving(name: string = mainChannel) {
    return this.#session.inbound.channels[this.#idOf(name)]!;
  }

  #idOf(name: string): number {
    return channelNamed(this.#options.channels, name).id;
  }

  #requireOpen(): void {
    if (this.#actor.getSnapshot().status === 'active') return;
    const outcome = this.#outcome();
    const why = outcome.outcome === 'failed' ? ` (${outcome.reason})` : '';
    throw new InterplexError('IPX_PORT_CLOSED', `The port is closed${why}: open another one.`);
  }

  #untilFailedOver(): Promise<void> {
    return this.#until((event) => {
      if (event.type !== 'port.stranded') return event.type === 'port.failedOver';
      const sentence = 'No target answers: name another one, or wait until one does.';
      throw new InterplexError('IPX_PORT_UNREACHABLE', sentence);
    });
  }

  #until(is: (event: PortEvent) => boolean): Promise<void> {
    return this.#clients.until(is, failureOf(this.ended));
  }

  #outcome(): PortOutcome {
    return this.#actor.getSnapshot().output ?? { outcome: 'closed' };
  }
}
