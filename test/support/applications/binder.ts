/**
 * Binds addresses of the range `shops` as its client tells it, one JSON line each; whoever then
 * comes to such an address is greeted with the node and the words that were given for it.
 */
import {
  InterplexError,
  targetApplication,
  type ApplicationNode,
  type RoutingFunction,
} from 'interplex';

export type Binding =
  | { readonly bind: string; readonly port?: number; readonly words?: string; range?: string }
  | { readonly close: string };

type Bound = Awaited<ReturnType<ApplicationNode['bindAddress']>>;
/** Of this node, by `address:port`. */
const bound = new Map<string, Bound>();

export const target = targetApplication({
  serve: async (client, { node }) => {
    for await (const line of client.lines()) {
      const told = await done(node, JSON.parse(line) as Binding);
      client.write(`${JSON.stringify(told)}\n`);
    }
  },
});

/** The words `move` are for who is to be served as one that tells what to bind. */
const greeting =
  (node: ApplicationNode, words: string): RoutingFunction =>
  async (client, route) => {
    if (words === 'move') await route.transfer(client, { to: 'binder' });
    else client.end(`${node.id} ${words}\n`);
  };

async function done(node: ApplicationNode, told: Binding): Promise<object> {
  try {
    if ('close' in told) {
      await bound.get(told.close)?.close();
      return {};
    }
    const { bind: address, port = 0, words = '', range = 'shops' } = told;
    const binding = await node.bindAddress({
      range,
      address,
      port,
      routing: greeting(node, words),
    });
    bound.set(`${binding.address}:${binding.port}`, binding);
    return { address: binding.address, port: binding.port };
  } catch (error) {
    if (!(error instanceof InterplexError)) throw error;
    return { code: error.code, reason: error.message };
  }
}
