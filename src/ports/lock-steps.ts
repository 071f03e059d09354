/**
 * The effects of `actors/ports/port-lock.ts` over shared memory: each is one atomic operation, and
 * answers with the event that says what it found. What it reads besides is read again under the
 * lock.
 */
import type { PortLockEvent } from '../../actors/ports/port-lock.ts';
import { repairFor, type LockTask } from './lock-task.ts';
import { header, holderOf, record, type PoolWords } from './pool-words.ts';
import type { UnitIndex } from './unit-index.ts';

type Fact = PortLockEvent['type'];
/** What a run remembers between its steps. */
export interface LockRun {
  unit: number;
  /** The lock as it was last seen. */
  seen: number;
  /** Who is to have it next; 0: nobody waits. */
  next: number;
}
export const noRun = (): LockRun => ({ unit: -1, seen: 0, next: 0 });

/** A look at the lock without being woken, should its holder have died meanwhile. */
const lookAgainMs = 1;
/** The lock is held for a microsecond: shorter than to sleep and be woken. */
const spins = 200;

export class LockSteps {
  readonly run: LockRun;
  readonly #pool: PoolWords;
  readonly #index: UnitIndex;
  readonly #stack: number;
  readonly #task: LockTask;

  constructor(pool: PoolWords, index: UnitIndex, stack: number, task: LockTask, run = noRun()) {
    this.#pool = pool;
    this.#index = index;
    this.#stack = stack;
    this.#task = task;
    this.run = run;
  }

  choose(): Fact {
    this.run.unit = this.#task.choose();
    return this.run.unit < 0 ? 'unit.none' : 'unit.chosen';
  }

  announceWait(): Fact {
    this.#pool.store(this.#at(record.waits), 1);
    return 'wait.announced';
  }

  tryLock(): Fact {
    const { words } = this.#pool;
    this.run.seen = Atomics.compareExchange(words, header.lock, 0, this.#own());
    if (this.run.seen === 0 || this.run.seen === this.#own()) return 'lock.taken';
    return this.#pool.isDead(this.run.seen) ? 'lock.orphaned' : 'lock.held';
  }

  /** Blocks the thread: whoever holds the lock waits for nothing, and who is dead is known soon. */
  awaitLock(): Fact {
    for (let spin = 0; spin < spins; spin += 1) {
      if (this.#pool.load(header.lock) !== this.run.seen) return 'lock.changed';
    }
    Atomics.wait(this.#pool.words, header.lock, this.run.seen, lookAgainMs);
    return 'lock.changed';
  }

  seize(): Fact {
    const isMine = this.#pool.swap(header.lock, this.run.seen, this.#own());
    return isMine ? 'lock.taken' : 'lock.changed';
  }

  repair(): Fact {
    repairFor(this.#pool, this.#index, holderOf(this.run.seen));
    return 'index.repaired';
  }

  endWait(): Fact {
    this.#pool.store(this.#at(record.waits), 0);
    return 'wait.over';
  }

  noteIntent(): Fact {
    this.#pool.store(header.intent, this.#task.intentOf(this.run.unit));
    return 'intent.noted';
  }

  revise(): Fact {
    return this.#task.revise(this.run.unit) ? 'unit.revised' : 'unit.lost';
  }

  publish(): Fact {
    this.#task.publish(this.run.unit);
    return 'unit.published';
  }

  /** In turn, so that none of those who wait comes twice before another comes once. */
  findNext(): Fact {
    const { stacks } = this.#pool.shape;
    this.run.next = 0;
    for (let step = 1; step < stacks && this.run.next === 0; step += 1) {
      const stack = (this.#stack + step) % stacks;
      const at = this.#pool.stack(stack);
      const isWaiting = this.#pool.load(at + record.waits) === 1;
      if (isWaiting && (this.#pool.load(at) & 1) === 1) {
        this.run.next = this.#pool.holdingOf(stack);
      }
    }
    return 'next.found';
  }

  passLock(): Fact {
    this.#pool.swap(header.lock, this.#own(), this.run.next);
    Atomics.notify(this.#pool.words, header.lock);
    return 'lock.passed';
  }

  #own(): number {
    return this.#pool.holdingOf(this.#stack);
  }

  #at(word: number): number {
    return this.#pool.stack(this.#stack) + word;
  }
}
