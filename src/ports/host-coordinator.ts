/**
 * The coordinator of the ports of an address on this host (SP-2): the process that has the place.
 * The processes that share them ask it over sockets, its own without one; it knows by the kernel's
 * word when one has ended. Who gets what, `host-leases` decides.
 */
import { rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import type { HostPlace } from '../io/host-place.ts';
import { LineSocket } from '../io/line-socket.ts';
import { watchName } from '../io/living-name.ts';
import { WordFile } from '../io/word-file.ts';
import { limits } from '../limits.ts';
import { HostLeases, type Joining } from './host-leases.ts';
import { HostPool, seatsIn, type HostSettings } from './host-pool.ts';
import type { UnaskedTell, Wanted } from './host-follower.ts';
import { askOf } from './host-words.ts';
import type { HostAsk, HostGrant, HostShares, HostTell } from './host-words.ts';
import { PoolLock, type PoolLockOptions } from './pool-lock.ts';
import type { PoolWords } from './pool-words.ts';

export interface HostCoordinatorOptions {
  readonly place: HostPlace;
  readonly settings: HostSettings;
  readonly lock: PoolLockOptions['logic'];
  /** As it would join another: it has the name of its seat. */
  readonly own: Joining;
  readonly onShares: (shares: HostShares) => void;
  /** Said to its own process. */
  readonly onTold: (told: UnaskedTell) => void;
}

type Line = LineSocket<HostTell, unknown>;

/**
 * Processes that live and share these ports otherwise. Whoever asks has a seat, by the name of
 * which that seat's former process, dead by now, would be taken for a living one.
 */
export async function othersAt(
  place: HostPlace,
  settings: HostSettings,
  own: number,
): Promise<number> {
  const file = new WordFile(place.map);
  const { isOther, living } = seatsIn(file.read(), settings);
  file.close();
  if (!isOther) return 0;
  const others = living.filter((seat) => seat !== own);
  const are = await Promise.all(others.map((seat) => isTaken(place.seat(seat))));
  return are.filter(Boolean).length;
}

const isTaken = (name: string): Promise<boolean> =>
  new Promise((resolve) => {
    const onThere = () => {
      resolve(true);
      stop();
    };
    const stop = watchName(name, { onGone: () => resolve(false), onThere });
  });

export class HostCoordinator {
  /** What its own process claimed, and is not its own by the map. */
  readonly lost: readonly number[];
  readonly #options: HostCoordinatorOptions;
  readonly #file: WordFile;
  readonly #leases: HostLeases;
  readonly #server: Server;
  readonly #lines = new Set<Line>();
  readonly #followers = new Map<number, Line>();
  /** By seat, how to stop watching its process. */
  readonly #watched = new Map<number, () => void>();
  readonly #timer: NodeJS.Timeout;
  /** What its own process asked, by number. */
  readonly #asked = new Map<number, (grant: HostGrant | undefined) => void>();
  #lastAsk = 0;
  #isTelling = false;

  /** For whoever has the place, which nobody else has. */
  constructor(options: HostCoordinatorOptions) {
    const { place, settings, lock, own } = options;
    this.#options = options;
    this.#file = new WordFile(place.map);
    const tell = (seat: number, told: HostTell) => this.#tell(seat, told);
    const lockOf = (pool: PoolWords, stack: number) => new PoolLock({ pool, stack, logic: lock });
    const pool = new HostPool({ settings, file: this.#file, lockOf });
    this.#leases = new HostLeases({ pool, own, tell });
    this.lost = this.#leases.sit(own);
    for (const seat of this.#leases.living) this.#watch(seat);
    rmSync(place.socket, { force: true }); // The last coordinator's, which has ended.
    this.#server = createServer((socket) => this.#greet(socket));
    this.#server.maxConnections = 2 * limits.portProcessesMax;
    // As where TMPDIR is too long for a socket: nobody can follow then, and each hears of it.
    this.#server.on('error', () => this.#server.close());
    this.#server.listen(place.socket).unref();
    this.#timer = setInterval(() => this.#freeRested(), limits.vitalSignsMs).unref();
    this.#changed();
  }

  get life(): number {
    return this.#leases.life;
  }

  get shares(): HostShares {
    return this.#leases.shares;
  }

  /** Ports of its own process's units that others have. */
  get lent(): readonly number[] {
    return this.#leases.lentBy(this.#seat);
  }

  /** As of another; `undefined`: it coordinates no more. */
  ask(wanted: Wanted): Promise<HostGrant | undefined> {
    this.#lastAsk += 1;
    const id = this.#lastAsk;
    return new Promise((resolve) => {
      this.#asked.set(id, resolve);
      this.#answer(this.#seat, { ...wanted, id });
    });
  }

  say(lent: HostAsk & { type: 'lent' }): void {
    this.#answer(this.#seat, lent);
  }

  /** What this process still has, rests. Settles when another can take the place. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    for (const settle of this.#asked.values()) settle(undefined);
    this.#asked.clear();
    for (const stop of this.#watched.values()) stop();
    this.#leases.end(this.#seat);
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const line of this.#lines) line.close();
    await closed;
    if (this.#leases.isIdle) this.#file.remove();
    else this.#file.close();
  }

  #greet(socket: Socket): void {
    let seat: number | undefined;
    const line: Line = new LineSocket<HostTell, unknown>(socket, {
      onHeard: (given) => {
        const ask = askOf(given);
        if (!ask || (ask.type === 'join') !== (seat === undefined)) line.close();
        else if (ask.type === 'join') seat = this.#join(ask, line);
        else if (seat !== undefined) this.#answer(seat, ask);
      },
      onLost: () => {
        this.#lines.delete(line);
        if (seat !== undefined && this.#followers.get(seat) === line) {
          this.#followers.delete(seat); // It may live, and come again: its units stay its own.
        }
      },
    });
    this.#lines.add(line);
  }

  #join(ask: HostAsk & { type: 'join' }, line: Line): number | undefined {
    const { seat } = ask;
    const told = this.#leases.join(ask);
    if (told) line.say(told);
    else line.close();
    if (told?.type !== 'joined') return undefined;
    this.#followers.get(seat)?.close();
    this.#followers.set(seat, line);
    if (!this.#watched.has(seat)) this.#watch(seat);
    line.say({ type: 'shares', shares: this.shares });
    this.#leases.joined(seat);
    return seat;
  }

  #answer(seat: number, ask: Exclude<HostAsk, { type: 'join' }>): void {
    this.#leases.answer(seat, ask);
    this.#changed();
  }

  #watch(seat: number): void {
    if (seat === this.#seat) return;
    const onGone = () => {
      this.#watched.delete(seat);
      this.#followers.get(seat)?.close();
      this.#followers.delete(seat);
      this.#leases.end(seat);
      this.#freeRested(); // Without a rest it is free at once.
      this.#changed();
    };
    this.#watched.set(seat, watchName(this.#options.place.seat(seat), { onGone }));
  }

  #freeRested(): void {
    this.#leases.expire();
    if (this.#leases.freeRested()) this.#changed();
  }

  #tell(seat: number, told: HostTell): void {
    if (seat !== this.#seat) this.#followers.get(seat)?.say(told);
    else if (told.type === 'answer') {
      this.#asked.get(told.id)?.(told);
      this.#asked.delete(told.id);
    } else if (isUnasked(told)) this.#options.onTold(told);
  }

  get #seat(): number {
    return this.#options.own.seat;
  }

  /** Told to all once a turn at most. */
  #changed(): void {
    if (this.#isTelling) return;
    this.#isTelling = true;
    setImmediate(() => {
      this.#isTelling = false;
      const { shares } = this;
      this.#options.onShares(shares);
      for (const line of this.#followers.values()) line.say({ type: 'shares', shares });
    }).unref();
  }
}

const isUnasked = (told: HostTell): told is UnaskedTell =>
  told.type === 'recall' || told.type === 'lend' || told.type === 'returned';
