/** The parts that actors of a `troupe` play, and what they write down. */
import { InterplexError, type ActorReference, type Asked } from 'interplex';
import {
  remoteActorLogic,
  targetOf,
  type ActorContext,
  type ActorFunction,
} from 'interplex/actors';
import { assign, sendTo, setup, type AnyStateMachine } from 'xstate';
import type { PartName } from './orders.ts';

type Heard = Asked & Readonly<Record<string, unknown>>;

/** What the actors of this thread have heard, by their names; and who stands still. */
class Notebook {
  readonly #numbers = new Map<string, number[]>();
  readonly #waiting = new Map<string, { count: number; resolve: () => void }[]>();
  readonly #stalled = new Map<string, (() => void)[]>();

  note(name: string, number: number): void {
    const numbers = this.#numbersOf(name);
    numbers.push(number);
    const waiting = this.#waiting.get(name) ?? [];
    for (const { count, resolve } of waiting) if (numbers.length >= count) resolve();
  }

  /** Settles with all numbers when there are so many. */
  async reached(name: string, count: number): Promise<readonly number[]> {
    const numbers = this.#numbersOf(name);
    if (numbers.length < count) {
      const waiting = this.#waiting.get(name) ?? [];
      this.#waiting.set(name, waiting);
      await new Promise<void>((resolve) => waiting.push({ count, resolve }));
    }
    return numbers;
  }

  /** Settles when the name is released. */
  stall(name: string): Promise<void> {
    const stalled = this.#stalled.get(name) ?? [];
    this.#stalled.set(name, stalled);
    return new Promise((resolve) => stalled.push(resolve));
  }

  release(name: string): void {
    for (const resolve of this.#stalled.get(name) ?? []) resolve();
    this.#stalled.delete(name);
  }

  #numbersOf(name: string): number[] {
    const numbers = this.#numbers.get(name) ?? [];
    this.#numbers.set(name, numbers);
    return numbers;
  }
}

export const notebook = new Notebook();

const run = () => undefined;

const player: ActorFunction = (event, context) => {
  const { name } = context.self;
  notebook.note(name, typeof event['number'] === 'number' ? event['number'] : -1);
  switch (event.type) {
    case 'echo':
      return { type: 'echoed', text: event['text'] };
    case 'echo a function':
      return { type: 'echoed', run };
    case 'echo a function later':
      return Promise.resolve({ type: 'echoed', run });
    case 'slow': // Takes a turn of the thread for each.
      return new Promise((resolve) => setImmediate(resolve));
    case 'stall':
      return notebook.stall(name).then(() => ({ type: 'stalled', text: event['text'] }));
    case 'stall, then throw':
      return notebook.stall(name).then(() => {
        throw new Error(`${name} has thrown`);
      });
    case 'crash':
      throw new Error(`${name} has thrown`);
    case 'call':
      return call(event, context);
    default:
      return undefined;
  }
};

/** Asks the next of the path to do the same, and answers with what that came to. */
async function call(event: Heard, { self, actors }: ActorContext): Promise<object> {
  const [next, ...path] = event['path'] as readonly string[];
  if (next === undefined) return { type: 'called', end: self.name };
  try {
    return await actors.at(next).ask({ type: 'call', path } as Asked);
  } catch (error) {
    if (!(error instanceof InterplexError)) throw error;
    return { type: 'call.failed', by: self.name, code: error.code, reason: error.message };
  }
}

const machine = setup({
  // oxlint-disable-next-line typescript/no-unnecessary-type-assertion -- xstate's way to give types
  types: {} as { context: { count: number }; events: Heard },
  actions: {
    count: assign({ count: ({ context }) => context.count + 1 }),
    throw: () => {
      throw new Error('the machine has thrown');
    },
    answer: sendTo(
      ({ event }) => targetOf(event.replyTo ?? missing()),
      ({ context, event }) => ({ type: 'echoed', text: event['text'], count: context.count }),
    ),
    answerFunction: sendTo(
      ({ event }) => targetOf(event.replyTo ?? missing()),
      () => ({ type: 'echoed', run }),
    ),
  },
}).createMachine({
  context: { count: 0 },
  initial: 'playing',
  states: {
    playing: {
      on: {
        echo: { actions: ['count', 'answer'] },
        'echo a function': { actions: 'answerFunction' },
        crash: { actions: 'throw' },
        finish: 'over',
      },
    },
    over: { type: 'final' },
  },
});

/** Has an actor of another thread as its child, and writes down how that ended. */
export const standIn: AnyStateMachine = setup({
  // oxlint-disable-next-line typescript/no-unnecessary-type-assertion -- xstate's way to give types
  types: {} as { context: { actor: ActorReference }; input: ActorReference; events: Heard },
  actors: { remote: remoteActorLogic },
  actions: {
    pass: sendTo('remote', ({ event }) => ({ ...event, type: event['as'] }) as Heard),
    note: ({ self }, end: 'done' | 'error') => notebook.note(self.id, end === 'done' ? 1 : 2),
  },
}).createMachine({
  context: ({ input }) => ({ actor: input }),
  initial: 'standing',
  states: {
    standing: {
      invoke: {
        id: 'remote',
        src: 'remote',
        input: ({ context }) => context.actor,
        onDone: { target: 'over', actions: { type: 'note', params: 'done' } },
        onError: { target: 'over', actions: { type: 'note', params: 'error' } },
      },
      on: { pass: { actions: 'pass' }, leave: 'left' },
    },
    left: { type: 'final' },
    over: {},
  },
});

/** It never comes to its first state. */
const stillborn = setup({}).createMachine({
  entry: () => {
    throw new Error('it cannot begin');
  },
});

function missing(): never {
  throw new Error('Nobody has asked.');
}

export const parts = { player, machine, stillborn } satisfies Record<PartName, unknown>;
