/** A target without state: each line of a client comes back behind the name of the node. */
import { accept, reject, targetApplication } from 'interplex';
import { isClosed } from '../gates.ts';

export const target = targetApplication({
  consider: () => (isClosed('considering') ? reject('closed for now') : accept()),
  serve: async (client, { node }) => {
    for await (const line of client.lines()) client.write(`${node.id} ${line}\n`);
    client.end();
  },
});
