/**
 * The demo's target application: the rooms of one hall. Its capacity comes with the module's URL,
 * as `room.js?capacity=50`.
 */
import { InterplexError } from '../../errors.ts';
import type { Client } from '../../transfer/client.ts';
import { rendezvous } from '../../transfer/rendezvous.ts';
import {
  accept,
  reject,
  targetApplication,
  type ServeContext,
} from '../../transfer/target-role.ts';
import { parseWord, wordRule, type Chatter } from './chat.ts';

interface Member extends Chatter {
  readonly client: Client;
  readonly context: ServeContext<Chatter>;
}

const capacity = Number(new URL(import.meta.url).searchParams.get('capacity') ?? 50);
/** What may wait for a member who does not read; beyond it, the member is let go. */
const backlogBytesMax = 1024 * 1024;
const members = new Set<Member>();

export const target = targetApplication<Chatter>({
  consider: ({ from, node }) =>
    // Who moves between two rooms of this hall has a place in it already.
    members.size < capacity || from === node.id ? accept() : reject(`${node.id} is full`),
  serve: async (client, context) => {
    const { node, signal, state } = context;
    const member: Member = { ...state, client, context };
    signal.addEventListener('abort', () => client.end('bye: the server is stopping\n'));
    client.write(`joined ${state.room} on ${node.id}\n`);
    members.add(member);
    try {
      for await (const line of client.lines()) await hear(member, line);
    } catch (error) {
      if (!(error instanceof InterplexError) || error.code !== 'IPX_READ_LIMIT') throw error;
      client.end(`sorry: ${error.message}\n`);
    } finally {
      members.delete(member);
    }
  },
});

const roommatesOf = ({ room }: Chatter): Member[] =>
  [...members].filter((member) => member.room === room);

async function hear(member: Member, line: string): Promise<void> {
  const { client, name } = member;
  if (!line.startsWith('/')) {
    for (const { client: reader } of roommatesOf(member)) tell(reader, `${name}: ${line}\n`);
    return;
  }
  const [word = '', argument = ''] = line.split(/\s+/, 2);
  const command = commands[word];
  if (command) await command(member, argument);
  else client.write(`There is no ${word}: try /where, /who, /move <room> or /quit.\n`);
}

function tell(reader: Client, text: string): void {
  if (reader.socket.writableLength > backlogBytesMax) reader.destroy();
  else reader.write(text);
}

const commands: Record<string, (member: Member, argument: string) => unknown> = {
  '/where': ({ client, context: { node } }) =>
    client.write(
      `node=${node.id} thread=${node.threadId} carrier=${client.carrier} hops=${client.hops}\n`,
    ),
  '/who': (member) => {
    const names = roommatesOf(member).map(({ name }) => name);
    member.client.write(`${names.join(', ')}\n`);
  },
  '/move': async (member, typed) => {
    const { client, context, name } = member;
    const room = parseWord(typed);
    if (room === undefined) {
      client.write(wordRule);
      return;
    }
    members.delete(member); // What is said meanwhile is not for a client on its way.
    const result = await context.transfer(client, {
      to: 'room',
      prefer: (targets) => rendezvous(targets, room),
      state: { name, room } satisfies Chatter,
    });
    if (result.outcome === 'transferred') return;
    members.add(member);
    client.write(`sorry: ${result.reason}\n`);
  },
  '/quit': ({ client }) => client.end('bye\n'),
};
