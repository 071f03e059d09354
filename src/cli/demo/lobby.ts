/** The demo's routing application for TCP: it asks for a name and a room, and moves the client. */
import { InterplexError } from '../../errors.ts';
import type { Client } from '../../transfer/client.ts';
import { routingApplication } from '../../transfer/routing-role.ts';
import { farewell, hallsOf, parseWord, patienceMs, wordRule, type Chatter } from './chat.ts';

export const routing = routingApplication(async (client, route) => {
  route.signal.addEventListener('abort', () => client.end(`${farewell}\n`));
  try {
    const name = await ask(client, 'name? ');
    for (;;) {
      const room = await ask(client, 'room? ');
      const chatter: Chatter = { name, room };
      const result = await route.transfer(client, {
        to: 'room',
        prefer: (targets) => hallsOf(targets, room),
        state: chatter,
      });
      if (result.outcome === 'transferred') return;
      client.write(`sorry: ${result.reason}\n`);
    }
  } catch (error) {
    if (!(error instanceof InterplexError) || !error.code.startsWith('IPX_READ_')) throw error;
    client.end(`sorry: ${error.message}\n`);
  }
});

/** Prompts until a word comes that can be used. */
async function ask(client: Client, prompt: string): Promise<string> {
  for (;;) {
    client.write(prompt);
    const word = parseWord(await client.readLine({ timeoutMs: patienceMs }));
    if (word !== undefined) return word;
    client.write(`${wordRule}\n`);
  }
}
