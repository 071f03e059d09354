/** What a client may do with the actors of the node that it is at: register, find, send. */
import { InterplexError, type Client, type NodeActors } from 'interplex';
import type { Command } from './commands.ts';

export type ActorCommand = Extract<Command, { readonly name: string }>;

/** How to end what was registered, by name; the directory is a node's, so this is too. */
const ends = new Map<string, () => void>();

/** The answer for the client; an actor that it registers writes its events to it. */
export function answerOf(actors: NodeActors, client: Client, command: ActorCommand): unknown {
  const { name } = command;
  try {
    switch (command.do) {
      case 'register': {
        const say = (event: object) => client.write(`${JSON.stringify(event)}\n`);
        const { reference, end } = actors.register(name, { send: say });
        ends.set(name, end);
        return { address: reference.address };
      }
      case 'unregister':
        ends.get(name)?.();
        return { address: null };
      case 'find':
        return { address: actors.find(name)?.address ?? null };
      case 'send':
        actors.find(name)?.send(command.event);
        return { undelivered: Object.values(actors.deadLetters.counts).reduce((a, b) => a + b) };
    }
  } catch (error) {
    if (!(error instanceof InterplexError)) throw error;
    return { code: error.code, reason: error.message };
  }
}
