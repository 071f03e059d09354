/**
 * One stack's hand on a pool's lock: each task is a run of `actors/ports/port-lock.ts`, from its
 * first look to the passing on of the lock, within one turn of the thread.
 */
import type {
  portLockMachine,
  PortLockEvent,
  PortLockOutcome,
} from '../../actors/ports/port-lock.ts';
import { seenAs, unseen, type Sight } from '../runtime/sight.ts';
import { SteppedActor, SteppedLogic, type TakenStep } from '../runtime/stepped-actor.ts';
import { LockSteps } from './lock-steps.ts';
import type { LockTask } from './lock-task.ts';
import { record, type PoolWords } from './pool-words.ts';
import { unitIndex, type UnitIndex } from './unit-index.ts';

const names = [
  'choose',
  'announceWait',
  'tryLock',
  'awaitLock',
  'seize',
  'repair',
  'endWait',
  'noteIntent',
  'revise',
  'publish',
  'findNext',
  'passLock',
] as const;
export type PortLockEffect = (typeof names)[number];
type Performing = { readonly self: { send(event: PortLockEvent): void } };
export type PortLockEffects = Readonly<Record<PortLockEffect, (performing: Performing) => void>>;

export interface PoolLockOptions {
  readonly pool: PoolWords;
  readonly stack: number;
  /** The machine with its effects: those that wire it know how. */
  readonly logic: (effects: PortLockEffects) => typeof portLockMachine;
  /** Who sees its runs, and by what name. Default: nobody. */
  readonly sight?: Sight | undefined;
  readonly name?: string | undefined;
  /** Told before each step, as by a test that ends the thread there. */
  readonly onStep?: ((effect: PortLockEffect) => void) | undefined;
}

type LockActor = SteppedActor<typeof portLockMachine>;

export class PoolLock {
  readonly index: UnitIndex;
  readonly #options: PoolLockOptions;
  readonly #logic: SteppedLogic<typeof portLockMachine>;
  readonly #tellStep: (step: TakenStep) => void;
  #steps: LockSteps | undefined;
  /** What the last run came to, for who watches. */
  #last: LockActor | undefined;

  constructor(options: PoolLockOptions) {
    this.#options = options;
    this.index = unitIndex(options.pool);
    const { sight = unseen, name: lock = 'lock' } = options;
    this.#tellStep = seenAs(sight, () => lock);
    sight.onStepped(() => (this.#last ? [{ name: lock, actor: this.#last }] : []));
    const perform =
      (name: PortLockEffect) =>
      ({ self }: Performing) => {
        options.onStep?.(name);
        self.send({ type: this.#current[name]() });
      };
    const effects = Object.fromEntries(names.map((name) => [name, perform(name)]));
    this.#logic = new SteppedLogic(options.logic(effects as PortLockEffects));
  }

  /** Does the task under the lock. The unit that it was done to; -1: there is none for it. */
  run(task: LockTask): number {
    const { pool, stack } = this.#options;
    const steps = new LockSteps(pool, this.index, stack, task);
    this.#steps = steps;
    let unit = -1;
    const onDone = (outcome: PortLockOutcome) => {
      if (outcome === 'revised') ({ unit } = steps.run);
    };
    const onStep = this.#tellStep;
    this.#last = new SteppedActor({ logic: this.#logic, input: undefined, onDone, onStep });
    this.#last.start();
    this.#steps = undefined;
    Atomics.add(pool.words, pool.stack(stack) + record.turns, 1);
    return unit;
  }

  /** One run at a time: none waits for anything but the lock. */
  get #current(): LockSteps {
    if (!this.#steps) throw new Error('No task is under way.');
    return this.#steps;
  }
}
