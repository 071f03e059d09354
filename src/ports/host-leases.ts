/**
 * Who leases which unit at the ports of an address, as the coordinator of its host decides it
 * (SP-2). Each change is in the map before anybody is told. It has no socket, no timer and no clock
 * of its own: `host-coordinator` gives it those, and a model the ones that it checks.
 */
import { limits } from '../limits.ts';
import type { HostPool, HostSettings } from './host-pool.ts';
import type { HostAsk, HostShares, HostTell } from './host-words.ts';
import { sharesOf } from './pool-figures.ts';

/** A process that comes to its seat, for the first time or again. */
export type Joining = Pick<HostAsk & { type: 'join' }, 'seat' | 'life' | 'units' | 'pid'>;
type Wish = Exclude<HostAsk, { type: 'join' }>;

export interface HostLeasesOptions {
  readonly pool: HostPool;
  /** The process that coordinates. */
  readonly own: Pick<Joining, 'seat' | 'pid'>;
  /** Says it to the process at that seat, if it listens. */
  readonly tell: (seat: number, told: HostTell) => void;
}

/** For whoever has the place, which nobody else has. It sits down first of all. */
export class HostLeases {
  readonly #options: HostLeasesOptions;
  readonly #pool: HostPool;

  constructor(options: HostLeasesOptions) {
    this.#options = options;
    this.#pool = options.pool;
  }

  /** Of its own process. */
  get life(): number {
    return this.#pool.lifeOf(this.#options.own.seat);
  }

  /** The seats whose processes live, as far as the map knows: each is to be watched. */
  get living(): number[] {
    return this.#pool.living();
  }

  get shares(): HostShares {
    const { freeUnits, restingUnits, leasedUnits } = sharesOf(this.#pool.pool);
    const processes = Array.from(leasedUnits, ([seat, leased]) => {
      return { pid: this.#pool.processOf(seat), leased };
    });
    const coordinator = this.#options.own.pid;
    return { coordinator, free: freeUnits, resting: restingUnits, processes };
  }

  /** Nobody has a unit, and none rests. */
  get isIdle(): boolean {
    return this.#pool.isIdle;
  }

  /**
   * Of a process that comes again all stays but what was on its way. Should the map be another one,
   * since somebody has removed the file, it keeps what is free. What is lost, if any.
   */
  sit({ seat, life, units, pid }: Joining): readonly number[] {
    if (life !== 0 && this.#pool.lifeOf(seat) === life) {
      return this.#pool.reconcile(seat, units);
    }
    this.#pool.begin(seat, pid);
    return units.filter((unit) => this.#pool.unitsOf(seat).take({ unit }).length === 0);
  }

  /** What is said to it; `undefined`: it cannot have that seat. */
  join(ask: HostAsk & { type: 'join' }): HostTell | undefined {
    const { own } = this.#options;
    const { settings } = this.#pool;
    const { seat } = ask;
    if (seat >= limits.portProcessesMax || seat === own.seat) return undefined;
    if (!areAlike(ask.settings, settings)) {
      const { first, count } = settings;
      const reason = `process ${own.pid} shares ports ${first} to ${first + count - 1} of it`;
      return { type: 'refused', reason };
    }
    const lost = this.sit(ask);
    return { type: 'joined', life: this.#pool.lifeOf(seat), lost };
  }

  answer(seat: number, wish: Wish): void {
    const units = wish.type === 'acquire' ? this.acquire(seat, wish.count, wish.unit) : [];
    if (wish.type === 'release') this.release(seat, wish.units);
    this.#options.tell(seat, { type: 'answer', id: wish.id, units });
  }

  /** Up to so many, or that very one unless it is negative. If there is none, others are asked. */
  acquire(seat: number, count: number, unit: number): number[] {
    const { units: all } = this.#pool.pool;
    if (unit >= all) return [];
    const units = this.#pool.unitsOf(seat);
    const wanted = unit < 0 ? { count: Math.min(count, all) } : { unit };
    const leases = units.take(wanted);
    if (leases.length === 0 && this.freeRested()) leases.push(...units.take(wanted));
    if (leases.length === 0) this.#recall(seat);
    return leases.map((lease) => lease.unit);
  }

  release(seat: number, units: readonly number[]): void {
    const shared = this.#pool.unitsOf(seat);
    const { epoch } = shared;
    const all = units.filter((unit) => unit < this.#pool.pool.units);
    shared.give(all.map((unit) => ({ unit, epoch })));
  }

  /** Its process has ended, for certain: what it held rests. */
  end(seat: number): void {
    this.#pool.end(seat);
  }

  /** Whether something has rested: it is free. */
  freeRested(): boolean {
    return this.#pool.hasRests && this.#pool.freeRested() > 0;
  }

  #recall(wanting: number): void {
    for (const seat of this.living) {
      if (seat !== wanting) this.#options.tell(seat, { type: 'recall' });
    }
  }
}

const areAlike = (some: HostSettings, others: HostSettings): boolean =>
  JSON.stringify(some) === JSON.stringify(others);
