/**
 * Goal: `interplex run` takes a configuration as a module or as JSON, its applications beside it,
 * and refuses what cannot work with a sentence and no success.
 * Method: the command as it is installed, in processes of its own.
 */
import { spawn } from 'node:child_process';
import { afterAll, expect, test } from 'vitest';
import { InspectingClient } from '../support/inspecting.ts';
import { Processes } from '../support/processes.ts';

const key = 'c0'.repeat(32);
const cluster = new Processes({
  launch: ([program = '', ...words]) =>
    spawn(program, words, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, INTERPLEX_KEY: key },
    }),
});
afterAll(() => cluster.stop());

const room = `import { targetApplication } from ${JSON.stringify(import.meta.resolve('interplex'))};
export const target = targetApplication({ serve: (client) => client.end() });`;

test('CM-9 a module beside its applications is run, with the key of the environment', async () => {
  cluster.write('room.mjs', room);
  const options = { applications: { room: './room.mjs' }, nodes: { hall: { run: ['room'] } } };
  // Seeds need a key, which this file does not have.
  const withSeeds = { ...options, messaging: { seeds: ['127.77.0.1:9'] } };
  const named = cluster.write('named.mjs', `export const cluster = ${JSON.stringify(withSeeds)};`);
  const byDefault = cluster.write('default.mjs', `export default ${JSON.stringify(options)};`);
  const [one, two] = await Promise.all(
    [named, byDefault].map((file) => cluster.start(['hall'], file)),
  );
  expect(await Promise.all([one?.stop(), two?.stop()])).toEqual([0, 0]);
});

test('AF-7 each process of a cluster has an inspector where it is told to', async () => {
  const inspected = { inspect: { port: 1, control: false }, here: ['hall'] };
  const options = { applications: {}, nodes: { hall: {}, elsewhere: {} }, ...inspected };
  const file = cluster.write('seen.json', JSON.stringify(options));
  const args = ['--here', 'hall', '--json', '--inspect-port', '0', '--control'];
  const running = cluster.launch('run', file, ...args);
  const { inspect = '' } = await running.tells('it is ready', ({ event }) => event === 'ready');
  const page = new InspectingClient(inspect);
  const welcome = await page.find(({ type }) => type === '@interplex.welcome');
  expect(welcome).toMatchObject({ control: true });
  const figures = await page.find(
    (record) => record.type === '@interplex.figures' && 'nodes' in record.figures,
  );
  // What runs in other processes is seen there.
  expect(figures).toMatchObject({ figures: { nodes: [{ node: 'hall' }] } });
  page.close();
  expect(await running.stop()).toBe(0);
});

test.concurrent.each([
  ['nowhere.json', undefined, /The configuration \S*nowhere\.json cannot be used: ENOENT/],
  ['broken.json', '{', /broken\.json cannot be used: .*JSON/],
  ['empty.mjs', 'export const nothing = 1;', /exports neither `cluster` nor a default/],
  ['thrower.mjs', 'throw new Error("no luck")', /no luck/],
  ['wrong.json', '{"applications": {}, "nodes": {"a": {}}, "node": 1}', /option node cannot/],
  ['other.json', '{"applications": {}, "nodes": {"a": {}}}', /here names node "hall"/],
])('AF-9 %s is refused', async (name, text, sentence) => {
  const file = text === undefined ? name : cluster.write(name, text);
  const running = cluster.launch('run', file, '--here', 'hall');
  expect(await running.exited).toBe(1);
  expect(running.errors).toMatch(sentence);
});
