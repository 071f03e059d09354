/** The peer: one `postMessage` for each event, over a port between two threads. */
import { parentPort, workerData, type MessagePort } from 'node:worker_threads';
import { createActor } from 'xstate';
import { answerThreads } from '../../support/thread-call.ts';
import type { Command } from './nodes.ts';
import { microsecondsOf } from './round-trip.ts';
import { lineOf, listenerLogic, listenerMachine, Tally, type Line } from './stream.ts';

export interface PlainRole {
  readonly name: 'plain-edge' | 'plain-hall';
  readonly port: MessagePort;
}

const { name, port } = workerData as PlainRole;

/** The same actors as ours, each event given to the one that was named last. */
function hear(): void {
  const tally = new Tally();
  const actors = {
    custom: createActor(listenerLogic(tally.count)).start(),
    machine: createActor(listenerMachine(tally.count)).start(),
  };
  let listener: { send(event: Line): void } | undefined;
  port.on('message', (event: Line | keyof typeof actors | 'echo') => {
    if (typeof event === 'string') listener = event === 'echo' ? undefined : actors[event];
    else if (listener) listener.send(event);
    else port.postMessage({ type: 'line.heard', text: event.text });
  });
  answerThreads<Command>(name, (command) =>
    command.type === 'expect' ? tally.expect(command.count) : undefined,
  );
}

function speak(): void {
  let onAnswer: () => void = () => undefined;
  port.on('message', () => onAnswer());
  const roundTrip = (number: number) =>
    new Promise<void>((resolve) => {
      onAnswer = resolve;
      port.postMessage(lineOf(number));
    });
  answerThreads<Command>(name, (command) => {
    if (command.type === 'expect') return undefined;
    port.postMessage(command.type === 'ask' ? 'echo' : command.to);
    if (command.type === 'ask') return microsecondsOf(command.count, roundTrip);
    for (let number = 0; number < command.count; number += 1) port.postMessage(lineOf(number));
    return undefined;
  });
}

if (name === 'plain-hall') hear();
else speak();
parentPort?.postMessage('ready');
