/**
 * A network and its time, simulated from a seed: datagrams between sockets take a while, are lost,
 * doubled or overtaken, and nothing happens but what is next. The messengers in it are real ones.
 */
import { newMessenger } from '#internal/cluster/new-messenger';
import type { DatagramListener, OpenDatagramSocket } from '#internal/io/udp';
import type { Clock } from '#internal/messaging/clock';
import type { Messenger } from '#internal/messaging/messenger';
import type { MessengerOptions } from '#internal/messaging/settings';
import { randomOf, type Random } from './random.ts';

interface Due {
  readonly at: number;
  readonly order: number;
  run: (() => void) | undefined;
}

export interface NetworkOptions {
  readonly seed: number;
  /** Of datagrams, from 0 to 1. */
  readonly loss?: number;
  readonly duplication?: number;
  /** Milliseconds, the least and the most. */
  readonly delayMs?: readonly [number, number];
}

export class SimulatedNetwork {
  readonly random: Random;
  readonly #options: Required<NetworkOptions>;
  readonly #sockets = new Map<string, DatagramListener>();
  readonly #heap: Due[] = [];
  #now = 0;
  #order = 0;
  #lastPort = 40_000;
  bytes = 0;
  datagrams = 0;
  /** Whether a datagram comes through: partitions, cut cables, narrow paths. */
  passes: (from: string, to: string, bytes: number) => boolean = () => true;
  /** What was sent, for who replays it. */
  onDatagram: ((bytes: Buffer, from: string, to: string) => void) | undefined;

  constructor({ loss = 0, duplication = 0, delayMs = [0.1, 1], seed }: NetworkOptions) {
    this.#options = { seed, loss, duplication, delayMs };
    this.random = randomOf(seed);
  }

  now(): number {
    return this.#now;
  }

  /** A clock of one node: it may stand still, as its event loop does. `hold` is of its sockets. */
  clock(
    isBlocked: () => boolean = () => false,
    untilMs: () => number = () => 0,
  ): Clock & { hold: (run: () => void) => void } {
    const later = (wake: () => void, ms: number) => {
      const run = (): void => {
        if (isBlocked()) this.#at(untilMs(), run, due);
        else wake();
      };
      const due: { current?: Due } = {};
      this.#at(this.#now + ms, run, due);
      return due;
    };
    return {
      now: () => this.#now,
      setTimeout: later,
      clearTimeout: (timer) => {
        const due = (timer as { current?: Due } | undefined)?.current;
        if (due) due.run = undefined;
      },
      defer: (wake) => void later(wake, 0),
      // Sockets come after timers, as in Node's loop: what waits in the kernel is read last.
      hold: (run) => void (isBlocked() ? later(run, untilMs() - this.#now + 0.001) : run()),
    };
  }

  #open(
    [address, wished, listener]: Parameters<OpenDatagramSocket>,
    hold: (run: () => void) => void,
  ): ReturnType<OpenDatagramSocket> {
    const port = wished === 0 ? (this.#lastPort += 1) : wished;
    const name = `${address}:${port}`;
    this.#at(this.#now, () => {
      this.#sockets.set(name, {
        ...listener,
        onDatagram: (...datagram) => hold(() => listener.onDatagram(...datagram)),
      });
      listener.onOpen(port);
    });
    return {
      send: (bytes, to, toPort) => this.#send(bytes, { address, port }, `${to}:${toPort}`),
      close: () => void this.#sockets.delete(name),
    };
  }

  /** A messenger of this network, with randomness of its own. */
  messenger(
    options: MessengerOptions,
    clock: Clock = this.clock(),
    hold: (run: () => void) => void = (run) => run(),
  ): Messenger {
    const random = randomOf(this.random.below(2 ** 31));
    return newMessenger(options, {
      clock,
      openSocket: (...socket) => this.#open(socket, hold),
      random: () => random.below(2 ** 32) / 2 ** 32,
      randomBytes: (count) => Uint8Array.from({ length: count }, () => random.below(256)),
    });
  }

  /** Lets time pass. Promises have their turn after each step. */
  async run(ms: number): Promise<void> {
    await this.until(() => false, ms);
  }

  /** Lets time pass until it holds; gives how long that took, or `undefined` if it did not. */
  async until(holds: () => boolean, withinMs: number): Promise<number | undefined> {
    const begunAt = this.#now;
    const end = begunAt + withinMs;
    for (let steps = 1; ; steps += 1) {
      if (holds()) return this.#now - begunAt;
      const due = this.#heap[0];
      if (!due || due.at > end) break;
      this.#pop();
      this.#now = due.at;
      due.run?.();
      await settled;
      await settled;
      if (steps % 64 === 0) await new Promise(setImmediate);
    }
    this.#now = end;
    await new Promise(setImmediate);
    return holds() ? withinMs : undefined;
  }

  /** A datagram that nobody of this network sent. */
  inject(bytes: Buffer, from: string, to: string): void {
    const [address = '', port = '0'] = from.split(':');
    this.#at(this.#now, () => this.#sockets.get(to)?.onDatagram(bytes, address, Number(port)));
  }

  #send(bytes: Uint8Array, from: { address: string; port: number }, to: string): void {
    const { loss, duplication, delayMs } = this.#options;
    const { random } = this;
    this.bytes += bytes.length;
    this.datagrams += 1;
    const copy = Buffer.from(bytes);
    this.onDatagram?.(copy, `${from.address}:${from.port}`, to);
    if (random.chance(loss) || !this.passes(from.address, to.split(':')[0] ?? '', bytes.length)) {
      return;
    }
    const times = random.chance(duplication) ? 2 : 1;
    for (let time = 0; time < times; time += 1) {
      const [least, most] = delayMs;
      const ms = least + ((most - least) * random.below(1_000)) / 1_000;
      this.#at(this.#now + ms, () =>
        this.#sockets.get(to)?.onDatagram(copy, from.address, from.port),
      );
    }
  }

  #at(at: number, run: () => void, holder?: { current?: Due }): void {
    this.#order += 1;
    const due = { at: Math.max(at, this.#now), order: this.#order, run };
    if (holder) holder.current = due;
    const heap = this.#heap;
    let index = heap.push(due) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!isBefore(due, heap[parent]!)) break;
      heap[index] = heap[parent]!;
      index = parent;
    }
    heap[index] = due;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (!last || heap.length === 0) return;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child += 1;
      if (!isBefore(heap[child]!, last)) break;
      heap[index] = heap[child]!;
      index = child;
    }
    heap[index] = last;
  }
}

const settled = Promise.resolve();

const isBefore = (one: Due, other: Due) =>
  one.at < other.at || (one.at === other.at && one.order < other.order);
