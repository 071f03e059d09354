/**
 * A program: one node that does what its standard input tells it, and answers on standard output,
 * a line of JSON each. Its argument is what it is started with, as JSON.
 */
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { startNode, type AdapterOptions, type Node } from 'interplex';

export interface MessengerSetting {
  readonly id: string;
  readonly adapters: readonly AdapterOptions[];
  readonly key: string;
  readonly seeds: readonly string[];
  /** It gives up the privilege of root, if it has it, before it begins. */
  readonly isPlain?: boolean;
}

export type MessengerCommand =
  | { readonly do: 'look' }
  /** Requests, one after the other, so far apart; answers with how long each took. */
  | { readonly do: 'ask'; readonly to: string; readonly count: number; readonly apartMs: number }
  /** This key, in hexadecimal digits, is understood, or seals, from now on. */
  | { readonly do: 'acceptKey' | 'rotateKey'; readonly key: string }
  | { readonly do: 'stop' };

const nobody = 65_534;

async function obey(node: Node, command: MessengerCommand): Promise<unknown> {
  switch (command.do) {
    case 'look':
      return {
        hash: node.addressTable.hash,
        members: node.members(),
        routes: node.addressTable.routes(),
        observed: node.addressTable.observed(),
        counters: node.messenger.counters(),
        cpuMs: (process.cpuUsage().user + process.cpuUsage().system) / 1_000,
      };
    case 'ask': {
      const tookMs: number[] = [];
      for (let index = 0; index < command.count; index += 1) {
        const askedAt = performance.now();
        const answer = await node.messenger.request(command.to, { kind: 'ask' });
        if (answer !== `${command.to} hears`) throw new Error(`A wrong answer: ${String(answer)}`);
        tookMs.push(performance.now() - askedAt);
        await pause(command.apartMs);
      }
      return tookMs;
    }
    case 'acceptKey':
    case 'rotateKey':
      node.messenger[command.do](Buffer.from(command.key, 'hex'));
      return 'done';
    case 'stop':
      await node.stop();
      return 'stopped';
  }
}

const { id, adapters, key, seeds, isPlain } = JSON.parse(process.argv[2] ?? '') as MessengerSetting;
if (isPlain) process.setuid?.(nobody);
const node = await startNode({
  id,
  applications: {},
  adapters,
  messaging: { key, seeds },
  log: { level: 'silent' },
});
node.messenger.on('ask', () => `${id} hears`);
const say = (value: unknown) => process.stdout.write(`${JSON.stringify(value)}\n`);
say('ready');
for await (const line of createInterface(process.stdin)) {
  const command = JSON.parse(line) as MessengerCommand;
  say(await obey(node, command).catch((error: unknown) => ({ failed: String(error) })));
  if (command.do === 'stop') process.stdin.destroy();
}
