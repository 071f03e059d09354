/**
 * Time, chance and connections of a simulation: all comes from one seed, nothing from the world. A
 * wire delivers its bytes in order, in pieces of any size, after any delay; lines fail as told.
 */
import { dataPortMachineLogic } from '#internal/cluster/provide-data-port';
import type { Clock } from '#internal/data-port/clock';
import type { Wire, WireEvents } from '#internal/data-port/connection';
import { DataPorts } from '#internal/data-port/data-ports';
import { randomOf, type Random } from '../random.ts';

interface Due {
  readonly atMs: number;
  readonly number: number;
  readonly act: () => void;
  isOff: boolean;
}

/** A clock that stands still while anything is done. */
export class HeldTime implements Clock {
  readonly #random: Random;
  #due: Due[] = [];
  #nowMs = 0;
  #count = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  now = (): number => this.#nowMs;
  random = (): number => this.#random.below(1_000) / 1_000;
  soon = (act: () => void): void => void this.setTimeout(act, 0);
  clearTimeout = (timer: unknown): void => {
    if (timer !== undefined) (timer as Due).isOff = true;
  };
  setTimeout = (act: () => void, ms: number): Due => {
    this.#count += 1;
    const due = { atMs: this.#nowMs + Math.max(0, ms), number: this.#count, act, isOff: false };
    let at = this.#due.length;
    while (at > 0 && isLater(due, this.#due[at - 1]!)) at -= 1;
    this.#due.splice(at, 0, due);
    return due;
  };

  /** Does what is due next; false if nothing is, or only what is beyond `untilMs`. */
  step(untilMs: number): boolean {
    const next = this.#due.pop();
    if (!next || next.atMs > untilMs) return false;
    if (next.isOff) return true;
    this.#nowMs = next.atMs;
    next.act();
    return true;
  }
}

/** The list is held with the earliest last. */
const isLater = (one: Due, other: Due) =>
  one.atMs > other.atMs || (one.atMs === other.atMs && one.number > other.number);

/** What a line does to the connections over it. */
export type LineState = 'good' | 'cut' | 'refusing' | 'corrupting';

/** One end of a simulated connection. */
class SimulatedEnd implements Wire {
  peer: SimulatedEnd | undefined;
  isClosed = false;
  readonly #network: SimulatedNetwork;
  readonly #line: string;
  readonly #events: WireEvents;
  #arriveMs = 0;

  constructor(network: SimulatedNetwork, line: string, events: WireEvents) {
    this.#network = network;
    this.#line = line;
    this.#events = events;
  }

  cork(): void {}
  uncork(): void {}

  write(bytes: Uint8Array): void {
    if (this.isClosed) return;
    let rest = Buffer.from(bytes);
    while (rest.length > 0) {
      const { time, random } = this.#network;
      const piece = rest.subarray(0, 1 + random.below(Math.max(64, rest.length)));
      rest = rest.subarray(piece.length);
      const state = this.#network.stateOf(this.#line);
      if (state === 'cut') continue; // It never comes, and nothing after it makes sense: see below.
      if (state === 'corrupting') piece[random.below(piece.length)]! ^= 1 << random.below(8);
      this.#arriveMs = Math.max(this.#arriveMs, time.now() + random.below(30) / 10);
      const { peer } = this;
      time.setTimeout(() => peer?.hear(piece), this.#arriveMs - time.now());
    }
  }

  hear(piece: Buffer): void {
    if (this.isClosed || this.#network.stateOf(this.#line) === 'cut') return;
    this.#events.onBytes(piece);
  }

  end(): void {
    const { time } = this.#network;
    time.setTimeout(() => this.destroy(), Math.max(0, this.#arriveMs - time.now()));
  }

  destroy(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    const { peer } = this;
    if (this.#network.stateOf(this.#line) === 'cut') return;
    this.#network.time.setTimeout(() => peer?.fail(), this.#network.random.below(20) / 10);
  }

  /** The other side, or the line, has ended it. */
  fail(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.#events.onClose(new Error('reset'));
  }
}

export class SimulatedNetwork {
  readonly random: Random;
  readonly time: HeldTime;
  readonly #nodes = new Map<string, DataPorts>();
  readonly #dead = new Set<string>();
  readonly #lines = new Map<string, LineState>();
  readonly #ends = new Map<string, Set<SimulatedEnd>>();

  constructor(seed: number) {
    this.random = randomOf(seed);
    this.time = new HeldTime(this.random);
  }

  stateOf(line: string): LineState {
    return this.#lines.get(line) ?? 'good';
  }

  /** A silent line swallows bytes: what was connected over it is broken when it is good again. */
  set(line: string, state: LineState): void {
    if (this.stateOf(line) === 'cut' && state !== 'cut') {
      this.#lines.set(line, state);
      this.reset(line);
    }
    this.#lines.set(line, state);
  }

  reset(line: string): void {
    for (const end of this.#ends.get(line) ?? []) end.fail();
    this.#ends.delete(line);
  }

  /** A node with addresses `<id>.0` to `<id>.3`. */
  nodeOf(id: string): DataPorts {
    const node = new DataPorts({
      node: id,
      clock: this.time,
      logic: dataPortMachineLogic,
      dialWire: ({ address }, events) => this.#dial(address, events),
      listen: async () => addressesOf(id),
      isKnown: () => false,
    });
    this.#nodes.set(id, node);
    this.#dead.delete(id);
    return node;
  }

  /** All its connections end; nobody answers there any more. */
  kill(id: string): void {
    this.#dead.add(id);
    for (const line of this.#ends.keys()) if (line.startsWith(`${id}.`)) this.reset(line);
  }

  /** Runs until the promise settles. Rejects when nothing is left to do, or time is up. */
  async run<T>(promise: Promise<T>, withinMs: number): Promise<T> {
    let isOver = false;
    const over = () => (isOver = true);
    promise.then(over, over);
    const untilMs = this.time.now() + withinMs;
    for (;;) {
      for (let turn = 0; turn < 8; turn += 1) await Promise.resolve();
      if (isOver) return promise;
      if (!this.time.step(untilMs)) throw new Error(`Nothing came of it in ${withinMs} ms.`);
    }
  }

  #dial(line: string, events: WireEvents): Wire {
    const near = new SimulatedEnd(this, line, events);
    const node = line.split('.')[0] ?? '';
    const taker = this.#nodes.get(node);
    const isSilent = this.stateOf(line) === 'cut';
    if (!taker || isSilent) return near;
    if (this.#dead.has(node) || this.stateOf(line) === 'refusing') {
      this.time.setTimeout(() => near.fail(), 1);
      return near;
    }
    const ends = this.#ends.get(line) ?? new Set();
    this.#ends.set(line, ends.add(near));
    taker.greet(
      (farEvents) => {
        const far = new SimulatedEnd(this, line, farEvents);
        near.peer = far;
        far.peer = near;
        ends.add(far);
        return far;
      },
      () => true,
    );
    return near;
  }
}

export const addressesOf = (id: string) =>
  [0, 1, 2, 3].map((index) => ({ address: `${id}.${index}`, port: 1 }));
