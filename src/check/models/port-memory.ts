/**
 * The memory of one pool as a cell. Each event is one effect of the lock machine, performed by the
 * product's own code (`src/ports/lock-steps.ts`) over a copy of the words, and answered; the judge
 * looks on.
 */
import { enqueueActions, setup } from 'xstate';
import type { AnyActorRef } from 'xstate';
import { LockSteps, noRun, type LockRun } from '../../ports/lock-steps.ts';
import { freeLockTask, UnitTasks, type LockTask } from '../../ports/lock-task.ts';
import { layOut, PoolWords, type PoolShape } from '../../ports/pool-words.ts';
import { TupleTasks } from '../../ports/tuple-tasks.ts';
import { TupleTable, tupleTableMemory } from '../../ports/tuple-table.ts';
import { unitIndex } from '../../ports/unit-index.ts';
import { judged, noVerdict, type PortVerdict } from './port-judge.ts';

export type PortWish = 'take' | 'give' | 'unlock' | 'bury' | 'free';
export type LockEffect = Exclude<keyof LockSteps, 'run' | 'awaitLock'>;

export interface PortMemory {
  readonly words: readonly number[];
  /** Of a table: those of its rows. */
  readonly rows: readonly number[];
  readonly runs: Readonly<Record<string, LockRun>>;
  readonly wants: Readonly<Record<string, PortWant>>;
  readonly verdict: PortVerdict;
}
export interface PortMemoryInput {
  readonly shape: PoolShape;
  /** By their numbers. */
  readonly stacks: readonly string[];
}
export interface PortWant {
  readonly wish: PortWish;
  /** Whom it would bury. */
  readonly dead: string;
}
interface Performance {
  readonly stack: string;
  readonly effect: LockEffect;
}
export type PortMemoryEvent =
  | ({ type: 'wanted'; stack: string } & PortWant)
  | ({ type: 'perform' } & Performance)
  | { type: 'died'; stack: string };

const rowCount = 2;
const destination = { clientAddress: '10.0.0.1', clientPort: 80 };
const address = '10.0.0.9';

/** Memory in which every stack lives and every unit is free. */
function beginMemory({ shape, stacks }: PortMemoryInput): PortMemory {
  const { length } = new PoolWords(shape, new Int32Array());
  const pool = layOut(shape, new Int32Array(length));
  stacks.forEach((_, stack) => pool.begin(stack));
  const rows = shape.structure === 'table' ? new Int32Array(tupleTableMemory(rowCount)) : [];
  const runs = Object.fromEntries(stacks.map((stack) => [stack, noRun()]));
  return {
    words: Array.from(pool.words),
    rows: Array.from(rows),
    runs,
    wants: {},
    verdict: noVerdict,
  };
}

/** The structures over a copy of the words. */
export class MemoryCopy {
  readonly pool: PoolWords;
  readonly rows: Int32Array;
  readonly #input: PortMemoryInput;

  constructor(input: PortMemoryInput, { words, rows }: PortMemory) {
    this.#input = input;
    this.pool = new PoolWords(input.shape, Int32Array.from(words));
    this.rows = new Int32Array(new SharedArrayBuffer(rows.length * 4));
    this.rows.set(rows);
  }

  taskOf(name: string, { wish, dead: deadName }: PortWant, unit: number): LockTask {
    const { stacks } = this.#input;
    const [stack, dead] = [stacks.indexOf(name), stacks.indexOf(deadName)];
    if (wish === 'unlock') return freeLockTask(this.pool);
    if (this.rows.length > 0) return this.#tupleTask(wish, stack, dead, unit);
    const tasks = new UnitTasks(this.pool, unitIndex(this.pool), stack);
    if (wish === 'take') return tasks.take();
    if (wish === 'give') return tasks.give(unit);
    return wish === 'bury' ? tasks.bury(dead, 0) : tasks.free(0);
  }

  #tupleTask(wish: PortWish, stack: number, dead: number, unit: number): LockTask {
    const table = new TupleTable(this.rows.buffer as SharedArrayBuffer, stack);
    const tasks = new TupleTasks(this.pool, table, address, stack);
    if (wish === 'take') return tasks.take(destination, 0);
    if (wish === 'give') return tasks.give(destination, unit);
    return wish === 'bury' ? tasks.bury(dead, 0) : tasks.free(0);
  }
}

export const portMemoryMachine = setup({
  // oxlint-disable-next-line typescript/no-unnecessary-type-assertion -- xstate's way to give types
  types: {} as {
    context: PortMemory & { readonly input: PortMemoryInput };
    input: PortMemoryInput;
    events: PortMemoryEvent;
  },
  actions: {
    want: enqueueActions(({ context, enqueue }, { stack, ...want }: PortWant & Stack) => {
      enqueue.assign({ wants: { ...context.wants, [stack]: want } });
    }),
    perform: enqueueActions(({ context, system, enqueue }, { stack, effect }: Performance) => {
      const want = context.wants[stack] ?? noWant;
      const { wish } = want;
      const copy = new MemoryCopy(context.input, context);
      const run = { ...(context.runs[stack] ?? noRun()) };
      const task = copy.taskOf(stack, want, run.unit);
      const number = context.input.stacks.indexOf(stack);
      const steps = new LockSteps(copy.pool, unitIndex(copy.pool), number, task, run);
      const fact = steps[effect]();
      const isDone = fact === 'unit.revised' && (wish === 'take' || wish === 'give');
      const type = wish === 'take' ? 'held' : 'given';
      enqueue.assign({
        words: Array.from(copy.pool.words),
        rows: Array.from(copy.rows),
        runs: { ...context.runs, [stack]: effect === 'passLock' ? ended(run) : run },
        verdict: isDone
          ? judged(context.verdict, { type, stack, port: run.unit })
          : context.verdict,
      });
      enqueue.sendTo(system.get(stack) as AnyActorRef, { type: 'memory.answered', fact });
    }),
    end: enqueueActions(({ context, enqueue }, stack: string) => {
      const copy = new MemoryCopy(context.input, context);
      copy.pool.end(context.input.stacks.indexOf(stack));
      enqueue.assign({
        words: Array.from(copy.pool.words),
        runs: { ...context.runs, [stack]: noRun() },
        verdict: judged(context.verdict, { type: 'died', stack }),
      });
    }),
  },
}).createMachine({
  id: 'portMemory',
  context: ({ input }) => ({ ...beginMemory(input), input }),
  on: {
    wanted: {
      actions: {
        type: 'want',
        params: ({ event: { stack, wish, dead } }) => ({ stack, wish, dead }),
      },
    },
    perform: { actions: { type: 'perform', params: ({ event }) => event } },
    died: { actions: { type: 'end', params: ({ event }) => event.stack } },
  },
});

interface Stack {
  readonly stack: string;
}
const noWant: PortWant = { wish: 'take', dead: '' };

/** What a stack remembers of a run that is over: which unit it is that it holds. */
const ended = ({ unit }: LockRun): LockRun => ({ ...noRun(), unit });
