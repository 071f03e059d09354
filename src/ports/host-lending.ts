/**
 * A given port whose unit another process leases (SP-6), as the coordinator decides it: it asks
 * that one to lend the port, and writes into the map who has it once it was lent. So, whoever dies:
 * what is in the map was lent, and what was lent and is not in the map nobody uses; who lent it is
 * told, or learns it when he joins.
 */
import type { Refusal } from '../../actors/vocabulary.ts';
import { limits } from '../limits.ts';
import type { HostPool } from './host-pool.ts';
import type { HostGrant, HostTell, LendOutcome } from './host-words.ts';

export interface HostLendingOptions {
  readonly pool: HostPool;
  readonly tell: (seat: number, told: HostTell) => void;
  /** Leases that unit, if it is to be had. */
  readonly lease: (seat: number, unit: number) => boolean;
}

/** A wish that waits for who leases the port's unit. */
interface Loan {
  readonly port: number;
  /** Who wishes, and by which number he knows the answer. */
  readonly seat: number;
  readonly wish: number;
  readonly holder: number;
  readonly tries: number;
  readonly untilMs: number;
}

export class HostLending {
  readonly #options: HostLendingOptions;
  readonly #pool: HostPool;
  /** At most one for each wish, which its process bounds. */
  readonly #loans = new Map<number, Loan>();
  #lastId = 0;

  constructor(options: HostLendingOptions) {
    this.#options = options;
    this.#pool = options.pool;
  }

  /** Is answered, at once or within `limits.portLendMs`. */
  borrow(seat: number, wish: number, port: number): void {
    if (this.#pool.unitAt(port) < this.#pool.pool.units) this.#look({ seat, wish, port, tries: 1 });
    else this.#refuse(seat, wish, outside);
  }

  /** What the process that leases the unit says to `lend`. */
  answered(holder: number, id: number, port: number, outcome: LendOutcome): void {
    const loan = this.#loans.get(id);
    if (loan?.holder !== holder || loan.port !== port) {
      if (outcome === 'lent') this.#decline(holder, port);
      return;
    }
    this.#loans.delete(id);
    const { seat, wish, tries } = loan;
    if (outcome === 'lent') this.#grant(loan);
    else if (outcome === 'away' && tries < limits.portHostTries) {
      this.#look({ ...loan, tries: tries + 1 });
    } else this.#refuse(seat, wish, heldBy(this.#processOf(holder)));
  }

  giveBack(seat: number, port: number): void {
    if (this.#pool.lent.give(seat, port)) this.#returned([port]);
  }

  /** Whether ports have rested: they are nobody's. */
  freeRested(): boolean {
    const freed = this.#pool.freeLent();
    this.#returned(freed);
    return freed.length > 0;
  }

  /** Who does not answer in time is not waited for; what he lends later is of no use. */
  expire(): void {
    for (const [id, { seat, wish, holder, untilMs }] of this.#loans) {
      if (untilMs > this.#pool.nowMs()) continue;
      this.#loans.delete(id);
      this.#refuse(seat, wish, silent(this.#processOf(holder)));
    }
  }

  /** A process sits down: what it was lent and never heard of nobody uses. */
  joined(seat: number, borrowed: readonly number[]): void {
    const { lent } = this.#pool;
    for (const [id, loan] of this.#loans) if (loan.seat === seat) this.#loans.delete(id);
    for (const port of lent.of(seat)) if (!borrowed.includes(port)) this.giveBack(seat, port);
    for (const port of borrowed) {
      // Should the map be another one, it keeps what nobody else has.
      const isOne = this.#pool.unitAt(port) < this.#pool.pool.units;
      if (isOne && !lent.borrowerOf(port)) lent.take(seat, port);
    }
  }

  /** It has been told which of its ports are lent: what it was asked before it has forgotten. */
  asksAgain(holder: number): void {
    for (const [id, loan] of this.#loans) if (loan.holder === holder) this.#ask(id, loan);
  }

  /** For certain; what it had rests already. */
  ended(seat: number): void {
    for (const [id, loan] of this.#loans) {
      if (loan.seat !== seat && loan.holder !== seat) continue;
      this.#loans.delete(id);
      if (loan.seat !== seat) this.#look(loan);
    }
  }

  /** Of those units, the ports that anybody has alone. */
  lentIn(units: readonly number[]): number[] {
    return this.#pool.lent.all().filter((port) => units.includes(this.#pool.unitAt(port)));
  }

  #look({ seat, wish, port, tries }: Omit<Loan, 'holder' | 'untilMs'>): void {
    const unit = this.#pool.unitAt(port);
    this.freeRested();
    const other = this.#pool.lent.borrowerOf(port);
    if (other?.isResting === true) this.#refuse(seat, wish, resting);
    else if (other && other.seat !== seat) {
      this.#refuse(seat, wish, heldBy(this.#processOf(other.seat)));
    } else if (other) this.#answer(seat, wish, { units: [], lent: [], isLent: true });
    else if (this.#options.lease(seat, unit)) {
      this.#answer(seat, wish, { units: [unit], lent: this.lentIn([unit]) });
    } else {
      const holder = this.#pool.seatOf(unit);
      if (holder < 0) this.#refuse(seat, wish, resting);
      else if (holder === seat) this.#answer(seat, wish, { units: [], lent: [] });
      else this.#begin({ seat, wish, port, tries, holder });
    }
  }

  #begin(wanted: Omit<Loan, 'untilMs'>): void {
    this.#lastId += 1;
    const id = this.#lastId;
    const loan = { ...wanted, untilMs: this.#pool.nowMs() + limits.portLendMs };
    this.#loans.set(id, loan);
    this.#ask(id, loan);
  }

  #ask(id: number, { holder, port }: Loan): void {
    this.#options.tell(holder, { type: 'lend', id, port });
  }

  /** In the map before it is told. Of two who were lent it alike the first has it. */
  #grant({ seat, wish, holder, port }: Loan): void {
    const other = this.#pool.lent.borrowerOf(port);
    const isHis = other?.seat === seat && !other.isResting; // Two of his nodes wished for it.
    if (other && !isHis) this.#refuse(seat, wish, heldBy(this.#processOf(other.seat)));
    else if (isHis || this.#pool.lent.take(seat, port)) {
      this.#answer(seat, wish, { units: [], lent: [], isLent: true });
    } else {
      this.#tellReturned(holder, port);
      this.#refuse(seat, wish, full);
    }
  }

  /** Lent too late, or to who has ended meanwhile. */
  #decline(holder: number, port: number): void {
    if (!this.#pool.lent.borrowerOf(port)) this.#tellReturned(holder, port);
  }

  /**
   * While he is asked for that port again he is told nothing: he may have lent it by now, which
   * this would undo. His answer is then of use to who asked, or is declined.
   */
  #tellReturned(holder: number, port: number): void {
    const isAsked = (loan: Loan) => loan.holder === holder && loan.port === port;
    if (Array.from(this.#loans.values()).some(isAsked)) return;
    this.#options.tell(holder, { type: 'returned', port });
  }

  #returned(ports: readonly number[]): void {
    for (const port of ports) {
      const holder = this.#pool.seatOf(this.#pool.unitAt(port));
      if (holder >= 0) this.#tellReturned(holder, port);
    }
  }

  #processOf(seat: number): string {
    return `process ${this.#pool.processOf(seat)}`;
  }

  #answer(seat: number, id: number, grant: HostGrant): void {
    this.#options.tell(seat, { type: 'answer', id, ...grant });
  }

  #refuse(seat: number, id: number, refusal: Refusal): void {
    this.#answer(seat, id, { units: [], lent: [], refusal });
  }
}

const heldBy = (who: string): Refusal => ({
  code: 'IPX_PORT_TAKEN',
  reason: `is held by ${who}: bind another, or wait for it`,
});
const resting: Refusal = {
  code: 'IPX_PORT_TAKEN',
  reason: 'rests since its holder ended: bind another, or wait for it',
};
const silent = (who: string): Refusal => ({
  code: 'IPX_PORTS_LOST',
  reason: `is of a block of ${who}, which does not answer: ask again, or end that process`,
});
const full: Refusal = {
  code: 'IPX_PORTS_EXHAUSTED',
  reason:
    `is of another process's block, and this one has ${limits.portGuestsMax} such ports already: ` +
    'give one back, or bind one of its own blocks',
};
const outside: Refusal = { code: 'IPX_PORT_OUTSIDE', reason: 'is none of those that are shared' };
