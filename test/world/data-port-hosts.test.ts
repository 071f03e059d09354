/**
 * Goal: between processes, and between hosts, a port is opened to a node's name: where it takes
 * ports the address table says (DP-2); a cable that is pulled out costs a path, and no more (DP-7).
 * Method: real processes over loopback; then two hosts and two routers as network namespaces, a
 * cable of which is set down while messages go, and up again.
 */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { expect, onTestFinished, test } from 'vitest';
import { PortProcess } from '../support/data-port/port-process.ts';
import { missingPrivilege } from '../support/namespaces.ts';
import { twoRouters } from '../support/two-routers.ts';

const missing = await missingPrivilege();
const key = randomBytes(32).toString('hex');
const pipes = ['pipe', 'pipe', 'inherit'] as const;

test('DP-2 between processes a name is enough: the address table has the rest', async () => {
  const launch = ([program = '', ...others]: readonly string[]) =>
    spawn(program, others, { stdio: [...pipes] });
  const start = async (id: string, address: string, seeds: readonly string[]) => {
    const adapters = [{ address, port: 7_946 }];
    const started = await PortProcess.start(launch, { id, key, adapters, seeds });
    onTestFinished(() => started.end());
    return started;
  };
  const hall = await start('hall', '127.81.0.1', []);
  const edge = await start('edge', '127.81.0.2', ['127.81.0.1:7946']);
  await edge.sees('hall has a row', ({ published }) => published['hall'] !== undefined);
  expect((await edge.look()).published['hall']).toEqual([]);
  await hall.tell({ do: 'accept' });
  await edge.sees('hall takes ports', ({ published }) => published['hall']?.length === 1);
  expect(await edge.tell({ do: 'open', to: 'hall' })).toBe('hall');
  expect(await edge.tell({ do: 'send', count: 200 })).toBe(200);
  expect(await hall.look()).toMatchObject({
    heardCount: 200,
    strays: 0,
    published: { hall: ['127.81.0.1'], edge: [] },
  });
});

test('DP-7 DP-2 between hosts a cable that is cut costs a path, and no message', async ({
  skip,
}) => {
  if (missing !== undefined) skip(missing);
  const network = await twoRouters();
  onTestFinished(() => network.remove());
  await network.route('a', 'default', '10.80.1.1');
  await network.route('b', 'default', '10.80.3.1');
  const nets = { a: ['10.80.1', '10.80.2'], b: ['10.80.3', '10.80.4'] } as const;
  const start = (id: 'a' | 'b') =>
    PortProcess.start((words) => network.spawn(id, words, { stdio: [...pipes] }), {
      id,
      key,
      seeds: ['10.80.1.2:7946'],
      adapters: nets[id].map((net) => {
        return { address: `${net}.2`, port: 7_946, router: `${net}.1` };
      }),
    });
  const [a, b] = [await start('a'), await start('b')];
  await b.tell({ do: 'accept' });
  await a.sees('b takes ports at both', ({ published }) => published['b']?.length === 2);
  await a.tell({ do: 'open', to: 'b', localAddresses: ['10.80.1.2', '10.80.2.2'] });
  await a.sees('both paths are up', ({ paths }) => paths.length === 2);
  await a.tell({ do: 'send', count: 500 });

  const sending = a.tell({ do: 'send', count: 20_000 });
  await network.cut('a', 'r1');
  expect(await sending).toBe(20_500);
  await a.sees('the path is reset', ({ events }) => events.includes('path.reset'));
  await a.tell({ do: 'send', count: 500 });
  await network.mend('a', 'r1');
  await network.run('a', 'ip', 'route', 'replace', 'default', 'via', '10.80.1.1');
  await a.sees('both paths are up again', ({ paths }) => paths.length === 2);
  await a.tell({ do: 'send', count: 500 });
  const { heardCount, strays } = await b.look();
  expect({ heardCount, strays }).toEqual({ heardCount: 21_500, strays: 0 });
}, 60_000);
