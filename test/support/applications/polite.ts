/** Applications that say hello, and goodbye when their node drains. */
import { routingApplication, targetApplication, type Client } from 'interplex';

const sayGoodbye = (client: Client, signal: AbortSignal) =>
  signal.addEventListener('abort', () => client.end('goodbye\n'));

export const routing = routingApplication(async (client, route) => {
  sayGoodbye(client, route.signal);
  client.write('hello\n');
  if ((await client.readLine()) === 'move') await route.transfer(client, { to: 'room' });
});

export const target = targetApplication({
  serve: (client, { signal }) => {
    sayGoodbye(client, signal);
    client.write('moved\n');
  },
});
