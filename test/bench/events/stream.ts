/** What is sent in each round, ours and the peer's: small events with one string field. */
import { assign, createMachine, type ActorLogic, type EventObject, type Snapshot } from 'xstate';

export interface Line extends EventObject {
  readonly type: 'line.said';
  readonly text: string;
}

const texts = Array.from({ length: 1_024 }, (_, number) => `hello from hall ${1_000 + number}`);

export const lineOf = (number: number): Line => ({
  type: 'line.said',
  text: texts[number % texts.length] ?? '',
});

/** Counts lines, and says when a number of them has come, be it before anyone expected them. */
export class Tally {
  #ahead = 0;
  #onDone: (() => void) | undefined;

  /** Settles when so many more have come. */
  expect(count: number): Promise<void> {
    this.#ahead -= count;
    return new Promise((resolve) => {
      this.#onDone = resolve;
      if (this.#ahead === 0) resolve();
    });
  }

  readonly count = (): void => {
    this.#ahead += 1;
    if (this.#ahead === 0) this.#onDone?.();
  };
}

/** Custom logic: a transition that looks at the event, and nothing else. */
export const listenerLogic = (
  onLine: () => void,
): ActorLogic<Snapshot<undefined>, EventObject> => ({
  getInitialSnapshot: () => ({ status: 'active', output: undefined, error: undefined }),
  transition: (snapshot, event) => {
    if (event.type === 'line.said' && (event as Line).text.length > 0) onLine();
    return snapshot;
  },
  getPersistedSnapshot: (snapshot) => snapshot,
});

/** A machine that counts what it hears; the tally beside it is for the benchmark alone. */
export const listenerMachine = (onLine: () => void) =>
  createMachine({
    context: { lines: 0 },
    initial: 'listening',
    states: {
      listening: {
        on: {
          'line.said': {
            actions: assign({
              lines: ({ context }: { context: { lines: number } }) => {
                onLine();
                return context.lines + 1;
              },
            }),
          },
        },
      },
    },
  });
