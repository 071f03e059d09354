/**
 * Who leases which unit at the ports of an address, as the coordinator of its host decides it
 * (SP-2). Each change is in the map before anybody is told. It has no socket, no timer and no clock
 * of its own: `host-coordinator` gives it those, and a model the ones that it checks.
 */
import { limits } from '../limits.ts';
import type { HostPool, HostSettings } from './host-pool.ts';
import { HostLending } from './host-lending.ts';
import type { HostAsk, HostShares, HostTell } from './host-words.ts';
import { sharesOf } from './pool-figures.ts';

/** A process that comes to its seat, for the first time or again. */
export type Joining = Pick<
  HostAsk & { type: 'join' },
  'seat' | 'life' | 'units' | 'borrowed' | 'pid'
>;
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
  readonly #lending: HostLending;

  constructor(options: HostLeasesOptions) {
    const { pool, tell } = options;
    this.#options = options;
    this.#pool = pool;
    const lease = (seat: number, unit: number) => this.#take(seat, { unit }).length > 0;
    this.#lending = new HostLending({ pool, tell, lease });
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

  /** Nobody has a unit or a port, and none rests. */
  get isIdle(): boolean {
    return this.#pool.isIdle;
  }

  /**
   * Of a process that comes again all stays but what was on its way. Should the map be another one,
   * since somebody has removed the file, it keeps what is free. What is lost, if any.
   */
  sit({ seat, life, units, borrowed, pid }: Joining): readonly number[] {
    const isKnown = life !== 0 && this.#pool.lifeOf(seat) === life;
    if (!isKnown) this.#pool.begin(seat, pid);
    this.#lending.joined(seat, borrowed);
    if (isKnown) return this.#pool.reconcile(seat, units);
    return units.filter((unit) => this.#pool.unitsOf(seat).take({ unit }).length === 0);
  }

  /** What is said to it; `undefined`: it cannot have that seat. */
  join(ask: HostAsk & { type: 'join' }): HostTell | undefined {
    const { own } = this.#options;
    const { settings } = this.#pool;
    const { seat } = ask;
    if (seat >= limits.portProcessesMax || seat === own.seat) return undefined;
    if (!areAlike(ask.settings, settings)) {
      const { structure, first, count, block, restMs } = settings;
      const reason =
        `process ${own.pid} shares ports ${first} to ${first + count - 1} of it, ` +
        `with structure ${structure}, portBlock ${block} and restMs ${restMs}`;
      return { type: 'refused', reason };
    }
    const lost = this.sit(ask);
    return { type: 'joined', life: this.#pool.lifeOf(seat), lost, lent: this.lentBy(seat) };
  }

  /** It was told that it has joined. */
  joined(seat: number): void {
    this.#lending.asksAgain(seat);
  }

  /** Ports of the units of a process that others have. */
  lentBy(seat: number): number[] {
    const units = this.#pool.unitsOf(seat).held();
    return this.#lending.lentIn(units.map(({ unit }) => unit));
  }

  answer(seat: number, wish: Wish): void {
    if (wish.type === 'borrow') {
      this.#lending.borrow(seat, wish.id, wish.port);
      return;
    }
    if (wish.type === 'lent') {
      this.#lending.answered(seat, wish.id, wish.port, wish.outcome);
      return;
    }
    const units = wish.type === 'acquire' ? this.acquire(seat, wish.count, wish.unit) : [];
    if (wish.type === 'release') this.release(seat, wish.units);
    if (wish.type === 'return') this.#lending.giveBack(seat, wish.port);
    const lent = this.#lending.lentIn(units);
    this.#options.tell(seat, { type: 'answer', id: wish.id, units, lent });
  }

  /** Up to so many, or that very one unless it is negative. If there is none, others are asked. */
  acquire(seat: number, count: number, unit: number): number[] {
    const { units: all } = this.#pool.pool;
    if (unit >= all) return [];
    const units = this.#take(seat, unit < 0 ? { count: Math.min(count, all) } : { unit });
    if (units.length === 0) this.#recall(seat);
    return units;
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
    this.#lending.ended(seat);
  }

  /** Now and then: who does not answer is not waited for. */
  expire(): void {
    this.#lending.expire();
  }

  /** Whether something has rested: it is free. */
  freeRested(): boolean {
    const isAny = this.#pool.hasRests && this.#pool.freeRested() > 0;
    return this.#lending.freeRested() || isAny;
  }

  #take(seat: number, wanted: { readonly count: number } | { readonly unit: number }): number[] {
    const units = this.#pool.unitsOf(seat);
    const leases = units.take(wanted);
    // A port of it that has rested comes with it.
    if (this.freeRested() && leases.length === 0) leases.push(...units.take(wanted));
    return leases.map((lease) => lease.unit);
  }

  #recall(wanting: number): void {
    for (const seat of this.living) {
      if (seat !== wanting) this.#options.tell(seat, { type: 'recall' });
    }
  }
}

const areAlike = (some: HostSettings, others: HostSettings): boolean =>
  JSON.stringify(some) === JSON.stringify(others);
