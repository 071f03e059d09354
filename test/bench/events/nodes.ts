/** Ours: the actors of the two nodes, steered from the benchmark's own thread. */
import type { ActorReference, ApplicationNode } from 'interplex';
import { answerThreads } from '../../support/thread-call.ts';
import { lineOf, listenerLogic, listenerMachine, Tally } from './stream.ts';
import { microsecondsOf } from './round-trip.ts';

export type Command =
  | { readonly type: 'expect'; readonly count: number }
  | { readonly type: 'send'; readonly to: string; readonly count: number }
  | { readonly type: 'ask'; readonly count: number };

/** So many are sent before the sender looks whether more may be. */
const lookEvery = 512;

export function actors({ id, actors: known }: ApplicationNode): void {
  if (id === 'hall') {
    const tally = new Tally();
    known.spawn('custom', listenerLogic(tally.count));
    known.spawn('machine', listenerMachine(tally.count));
    known.spawn('echo', ({ text }) => ({ type: 'line.heard', text }));
    answerThreads<Command>(id, (command) =>
      command.type === 'expect' ? tally.expect(command.count) : undefined,
    );
    return;
  }
  const find = (name: string) =>
    new Promise<ActorReference>((resolve) => {
      known.subscribe({ name }, ([found]) => found && resolve(found));
    });
  answerThreads<Command>(id, async (command) => {
    if (command.type === 'send') return send(await find(command.to), command.count);
    if (command.type !== 'ask') return undefined;
    const echo = await find('echo');
    return microsecondsOf(command.count, (number) => echo.ask(lineOf(number)));
  });
}

async function send(to: ActorReference, count: number): Promise<void> {
  for (let number = 0; number < count; number += 1) {
    if (number % lookEvery === 0) await to.ready();
    if (!to.send(lineOf(number))) throw new Error('An event was refused.');
  }
}
