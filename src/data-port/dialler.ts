/**
 * The connections that a port's source dials: one for each path, each with its hello. Until the
 * target has told its addresses the first path goes ahead, so that one known address is enough
 * (DP-2).
 */
import { InterplexError, isErrorCode } from '../errors.ts';
import { frameTypes, type FrameHead } from '../wire/frame.ts';
import type { AddressBook, NodeAddress } from './address-book.ts';
import { Carriers, type DialOrder } from './carriers.ts';
import type { Channel } from './channels.ts';
import type { Clock } from './clock.ts';
import { Connection, type Wire, type WireEvents } from './connection.ts';
import { encodeWords, readRefusal, readWelcome, type Hello } from './handshake.ts';
import { versions } from '../wire/frame.ts';

/** What a dialler needs of its node. */
export interface DialWorld {
  readonly node: string;
  readonly clock: Clock;
  readonly book: AddressBook;
  readonly ownAddresses: () => readonly NodeAddress[];
  readonly dialWire: (
    place: NodeAddress & { localAddress?: string | undefined; name: string },
    events: WireEvents,
  ) => Wire;
}
export interface DiallerOptions {
  readonly world: DialWorld;
  readonly port: string;
  readonly service: string;
  readonly links: number;
  readonly channels: readonly Channel[];
  readonly localAddresses: readonly string[];
  /** Addresses that the client gave, by node. */
  readonly given: ReadonlyMap<string, readonly NodeAddress[]>;
}
const plain = { flags: 0, stream: 0, sequence: 0, heard: 0, index: 0, total: 0 };
/** How long the first path may be ahead of the others: a round trip or two. */
const aheadMs = 200;

export class Dialler extends Carriers {
  readonly #options: DiallerOptions;
  readonly #dialling = new Map<number, { readonly stop: () => void }>();
  #target = '';
  #epoch = 0;
  #incarnation = '';
  #isMet = false;
  #waiting: (() => void)[] = [];

  constructor(options: DiallerOptions) {
    super();
    this.#options = options;
  }

  /** Another target, or the same under another epoch: nothing is known of it. */
  aim(target: string, epoch: number): void {
    this.closeAll();
    this.#target = target;
    this.#epoch = epoch;
    this.#incarnation = '';
    this.#isMet = false;
    this.#waiting = [];
  }

  protected override open(order: DialOrder): void {
    const { path } = order;
    const { clock, book } = this.#options.world;
    this.abandon(path);
    if (path > 0 && !this.#isMet) {
      const timer = clock.setTimeout(() => go(), aheadMs);
      let isStopped = false;
      const go = () => {
        clock.clearTimeout(timer);
        if (!isStopped && this.#dialling.get(path) === entry) this.#dial(order);
      };
      const entry = { stop: () => (isStopped = true) };
      this.#dialling.set(path, entry);
      this.#waiting.push(go);
      return;
    }
    if (this.#addresses().length > 0) {
      this.#dial(order);
      return;
    }
    const stop = book.whenKnown(this.#target, () => this.#dial(order));
    this.#dialling.set(path, { stop });
  }

  protected override abandon(path: number): void {
    this.#dialling.get(path)?.stop();
    this.#dialling.delete(path);
  }

  /** Those that were given first: a node may not know how it is reached from here. */
  #addresses(): readonly NodeAddress[] {
    const { given, world } = this.#options;
    const own = given.get(this.#target) ?? [];
    const told = world.book
      .addressesOf(this.#target)
      .filter(
        ({ address, port }) =>
          !own.some((other) => other.address === address && other.port === port),
      );
    return [...own, ...told];
  }

  #dial(order: DialOrder): void {
    const { path } = order;
    const { world, localAddresses } = this.#options;
    const addresses = this.#addresses();
    const place = addresses[path % addresses.length];
    if (!place) {
      this.#meet();
      this.fail(order, unreachable(this.#target));
      return;
    }
    const begunMs = world.clock.now();
    const localAddress = localAddresses[path % localAddresses.length];
    const connection = new Connection((events) =>
      world.dialWire({ ...place, localAddress, name: this.#target }, events),
    );
    this.#dialling.set(path, { stop: () => connection.destroy() });
    const failed = (error: InterplexError) => {
      this.#dialling.delete(path);
      this.#meet();
      this.fail(order, error);
    };
    connection.listen({
      onFrame: (head, body) => {
        this.#dialling.delete(path);
        try {
          this.#hear(head, body);
        } catch (error) {
          if (!(error instanceof InterplexError)) throw error;
          connection.destroy();
          failed(error);
          return;
        }
        this.carry(order, connection, world.clock.now() - begunMs);
        this.#meet();
      },
      onEnd: failed,
    });
    const { hello: type } = frameTypes;
    connection.send({ ...plain, type, epoch: this.#epoch }, encodeWords(this.#helloOf(path)));
  }

  #helloOf(path: number): Hello {
    const { world, port, service, links, channels } = this.#options;
    return {
      versions,
      port,
      epoch: this.#epoch,
      service,
      path,
      links,
      from: world.node,
      to: this.#target,
      expects: this.#incarnation,
      channels,
      addresses: world.ownAddresses(),
    };
  }

  /** Throws what the target refused, or what is wrong with its answer. */
  #hear({ type }: FrameHead, body: Buffer): void {
    if (type === frameTypes.refusal) {
      const { code, reason } = readRefusal(body);
      throw new InterplexError(isErrorCode(code) ? code : 'IPX_PORT_UNREACHABLE', reason);
    }
    if (type !== frameTypes.welcome) {
      throw new InterplexError('IPX_FRAME_INVALID', 'The target did not answer the hello.');
    }
    const { incarnation, addresses } = readWelcome(body);
    if (this.#incarnation !== '' && this.#incarnation !== incarnation) {
      const sentence = `Node "${this.#target}" was started anew: it knows nothing of this port.`;
      throw new InterplexError('IPX_PORT_UNKNOWN', sentence);
    }
    this.#incarnation = incarnation;
    this.#options.world.book.learn(this.#target, addresses);
  }

  /** The first path has an answer, whatever it is: the others go. */
  #meet(): void {
    this.#isMet = true;
    for (const go of this.#waiting.splice(0)) go();
  }
}

const unreachable = (target: string) =>
  new InterplexError(
    'IPX_PORT_UNREACHABLE',
    `No address of node "${target}" is known: give one as { node, address, port }.`,
  );
