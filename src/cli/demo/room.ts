/** The demo's target application for lines over TCP: the rooms of one hall. */
import { InterplexError } from '../../errors.ts';
import { accept, reject, targetApplication } from '../../transfer/target-role.ts';
import { capacityIn, farewell, hallsOf, type Chatter } from './chat.ts';
import { hear, join, members, type Member } from './members.ts';

const capacity = capacityIn(import.meta.url);

export const target = targetApplication<Chatter>({
  consider: ({ from, node }) =>
    // Who moves between two rooms of this hall has a place in it already.
    members.size < capacity || from === node.id ? accept() : reject(`${node.id} is full`),
  serve: async (client, context) => {
    const { node, signal, state } = context;
    const member: Member = {
      ...state,
      client,
      node,
      tell: (line) => void client.write(`${line}\n`),
      dismiss: (line) => client.end(`${line}\n`),
      move: async (room) => {
        const result = await context.transfer(client, {
          to: 'room',
          prefer: (targets) => hallsOf(targets, room),
          state: { name: state.name, room } satisfies Chatter,
        });
        return result.outcome === 'refused' ? result.reason : undefined;
      },
    };
    signal.addEventListener('abort', () => member.dismiss(farewell));
    join(member);
    try {
      for await (const line of client.lines()) await hear(member, line);
    } catch (error) {
      if (!(error instanceof InterplexError) || error.code !== 'IPX_READ_LIMIT') throw error;
      member.dismiss(`sorry: ${error.message}`);
    } finally {
      members.delete(member);
    }
  },
});
