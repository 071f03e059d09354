/**
 * The coordinator of the ports of an address on this host (SP-2): the process that has the place.
 * It leases units to the processes that share them, itself among them, and knows by the kernel's
 * word when one has ended; what that one held rests, and is then free, exactly once.
 */
import { rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import type { HostPlace } from '../io/host-place.ts';
import { LineSocket } from '../io/line-socket.ts';
import { watchName } from '../io/living-name.ts';
import { WordFile } from '../io/word-file.ts';
import { limits } from '../limits.ts';
import { HostPool, seatsIn, type HostSettings } from './host-pool.ts';
import { askOf, type HostAsk, type HostShares, type HostTell } from './host-words.ts';
import { sharesOf } from './pool-figures.ts';
import type { PoolLockOptions } from './pool-lock.ts';

export interface HostCoordinatorOptions {
  readonly place: HostPlace;
  readonly settings: HostSettings;
  readonly lock: PoolLockOptions['logic'];
  /** Its own seat, of which it has the name. */
  readonly seat: number;
  /** Of its own life there before, if it followed another; 0: it is new. */
  readonly life: number;
  /** What it has leased in that life. */
  readonly claimed: readonly number[];
  readonly onShares: (shares: HostShares) => void;
  /** Another process wants units, and none is free. */
  readonly onRecall: () => void;
}

type Line = LineSocket<HostTell, unknown>;
type Joining = Pick<HostAsk & { type: 'join' }, 'seat' | 'life' | 'units' | 'pid'>;

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
  /** Claimed, and not its own by the map. */
  readonly lost: readonly number[];
  readonly #options: HostCoordinatorOptions;
  readonly #file: WordFile;
  readonly #pool: HostPool;
  readonly #server: Server;
  readonly #lines = new Set<Line>();
  readonly #followers = new Map<number, Line>();
  /** By seat, how to stop watching its process. */
  readonly #watched = new Map<number, () => void>();
  readonly #timer: NodeJS.Timeout;
  #isTelling = false;

  /** For whoever has the place, which nobody else has. */
  constructor(options: HostCoordinatorOptions) {
    const { place, settings, lock, seat, life, claimed } = options;
    this.#options = options;
    this.#file = new WordFile(place.map);
    this.#pool = new HostPool({ settings, file: this.#file, lock });
    this.lost = this.#seat({ seat, life, units: claimed, pid: process.pid });
    for (let other = 0; other < limits.portProcessesMax; other += 1) {
      if (other !== seat && this.#pool.lifeOf(other) !== 0) this.#watch(other);
    }
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
    return this.#pool.lifeOf(this.#options.seat);
  }

  acquire(count: number, unit: number): number[] {
    return this.#acquire(this.#options.seat, count, unit);
  }

  release(units: readonly number[]): void {
    this.#release(this.#options.seat, units);
  }

  get shares(): HostShares {
    const { freeUnits, restingUnits, leasedUnits } = sharesOf(this.#pool.pool);
    const processes = Array.from(leasedUnits, ([seat, leased]) => {
      return { pid: this.#pool.processOf(seat), leased };
    });
    return { coordinator: process.pid, free: freeUnits, resting: restingUnits, processes };
  }

  /** What this process still has, rests. Settles when another can take the place. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    for (const stop of this.#watched.values()) stop();
    this.#pool.end(this.#options.seat);
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const line of this.#lines) line.close();
    await closed;
    if (this.#pool.isIdle) this.#file.remove();
    else this.#file.close();
  }

  #greet(socket: Socket): void {
    let seat: number | undefined;
    const line: Line = new LineSocket<HostTell, unknown>(socket, {
      onHeard: (given) => {
        const ask = askOf(given);
        if (!ask || (ask.type === 'join') !== (seat === undefined)) line.close();
        else if (ask.type === 'join') seat = this.#join(ask, line);
        else if (seat !== undefined) this.#answer(seat, ask, line);
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
    const { settings, seat: own } = this.#options;
    const { seat } = ask;
    if (seat >= limits.portProcessesMax || seat === own) {
      line.close();
      return undefined;
    }
    if (JSON.stringify(ask.settings) !== JSON.stringify(settings)) {
      const { first, count } = settings;
      const reason = `process ${process.pid} shares ports ${first} to ${first + count - 1} of it`;
      line.say({ type: 'refused', reason });
      return undefined;
    }
    this.#followers.get(seat)?.close();
    const lost = this.#seat(ask);
    this.#followers.set(seat, line);
    if (!this.#watched.has(seat)) this.#watch(seat);
    line.say({ type: 'joined', life: this.#pool.lifeOf(seat), lost });
    line.say({ type: 'shares', shares: this.shares });
    return seat;
  }

  /**
   * Of a process that comes again all stays but what was on its way. Should the map be another one,
   * since somebody has removed the file, it keeps what is free. What is lost, if any.
   */
  #seat({ seat, life, units, pid }: Joining): readonly number[] {
    if (life !== 0 && this.#pool.lifeOf(seat) === life) {
      return this.#pool.reconcile(seat, units);
    }
    this.#pool.begin(seat, pid);
    return units.filter((unit) => this.#pool.unitsOf(seat).take({ unit }).length === 0);
  }

  #answer(seat: number, ask: Exclude<HostAsk, { type: 'join' }>, line: Line): void {
    const { id } = ask;
    if (ask.type === 'release') {
      this.#release(seat, ask.units);
      line.say({ type: 'answer', id, units: [] });
      return;
    }
    line.say({ type: 'answer', id, units: this.#acquire(seat, ask.count, ask.unit) });
  }

  #acquire(seat: number, count: number, unit: number): number[] {
    const { units: all } = this.#pool.pool;
    if (unit >= all) return [];
    const units = this.#pool.unitsOf(seat);
    const wanted = unit < 0 ? { count: Math.min(count, all) } : { unit };
    const leases = units.take(wanted);
    if (leases.length === 0 && this.#pool.freeRested() > 0) leases.push(...units.take(wanted));
    if (leases.length === 0) this.#recall(seat);
    this.#changed();
    return leases.map((lease) => lease.unit);
  }

  #release(seat: number, units: readonly number[]): void {
    const shared = this.#pool.unitsOf(seat);
    const { epoch } = shared;
    const all = units.filter((unit) => unit < this.#pool.pool.units);
    shared.give(all.map((unit) => ({ unit, epoch })));
    this.#changed();
  }

  #recall(wanting: number): void {
    for (const [seat, line] of this.#followers) {
      if (seat !== wanting) line.say({ type: 'recall' });
    }
    if (wanting !== this.#options.seat) this.#options.onRecall();
  }

  #watch(seat: number): void {
    const onGone = () => {
      this.#watched.delete(seat);
      this.#followers.get(seat)?.close();
      this.#followers.delete(seat);
      this.#pool.end(seat);
      this.#changed();
    };
    this.#watched.set(seat, watchName(this.#options.place.seat(seat), { onGone }));
  }

  #freeRested(): void {
    if (this.#pool.hasRests && this.#pool.freeRested() > 0) this.#changed();
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
