/**
 * Goal: AF-9, CT-17: what an application cannot do is refused by name, with a sentence that helps;
 * its client is as good as before and the cluster goes on.
 * Method: a `clumsy` routing application does what its client tells it; the code and the sentence
 * come back over the same connection, and a line is echoed after them.
 */
import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, expect, onTestFinished, test } from 'vitest';
import { encrypted } from '../support/applications/tls-session.ts';
import { Testbed } from '../support/testbed.ts';
import { matching } from '../support/matching.ts';
import { until } from '../support/until.ts';
import { applicationAt } from '../support/application-at.ts';

interface Answer {
  readonly code?: string;
  readonly reason?: string;
}

const clumsy = applicationAt('clumsy');
let bed: Testbed;
beforeAll(async () => {
  bed = await Testbed.start({
    applications: { clumsy },
    routing: 'clumsy',
    nodes: { edge: {}, hall: { run: ['room'] } },
  });
});
afterEach(() => bed.settle());
afterAll(() => bed.stop());

test.each([
  ['CT-17', 'move twice at once', 'IPX_CLIENT_MOVING', /under way: await it/],
  ['CT-8', 'state with a function', 'IPX_STATE_INVALID', /no functions/],
  ['CT-8', 'state too large', 'IPX_STATE_LIMIT', /at most 1048576 may travel/],
  ['CT-8', 'state that throws', 'IPX_USAGE', /state\(\) has thrown/],
  ['AF-9', 'no attempts', 'IPX_OPTION_INVALID', /attemptsMax is 0: give a whole number/],
  ['AF-9', 'no time', 'IPX_OPTION_INVALID', /deadlineMs is -1/],
  ['AF-9', 'all the time', 'IPX_OPTION_INVALID', /from 1 to 2147483647/],
  ['AF-9', 'prefer a name', 'IPX_OPTION_INVALID', /prefer .*"hall", no target of "room"/],
  ['AF-9', 'prefer a foreign object', 'IPX_OPTION_INVALID', /prefer .*no target of "room"/],
  ['AF-9', 'prefer nobody', 'IPX_OPTION_INVALID', /prefer .*must return a list/],
  ['AF-9', 'prefer a promise', 'IPX_OPTION_INVALID', /prefer .*must return a list/],
  ['AF-9', 'prefer a number', 'IPX_OPTION_INVALID', /prefer .*give a function/],
  ['AF-9', 'go on to a name', 'IPX_OPTION_INVALID', /next .*"hall", no target of "room"/],
  ['AF-9', 'go on to a number', 'IPX_OPTION_INVALID', /next .*give a function/],
  ['AF-9', 'to a number', 'IPX_OPTION_INVALID', /option to .*application's name/],
  ['AF-9', 'no plan', 'IPX_OPTION_INVALID', /give \{ to \} at least/],
  ['AF-9', 'null as the plan', 'IPX_OPTION_INVALID', /give \{ to \} at least/],
  ['AF-9', 'no client', 'IPX_OPTION_INVALID', /give the client that is to move/],
  ['AF-9', 'a socket as the client', 'IPX_OPTION_INVALID', /give the client that is to move/],
  ['CT-7', 'prefer one that has gone', 'IPX_TARGET_LOST', /no link to gone/],
  ['AF-9', 'read with haste', 'IPX_READ_TIMEOUT', /in 30 ms/],
  ['AF-9', 'read nothing', 'IPX_OPTION_INVALID', /Cannot read 0 bytes/],
  ['AF-9', 'read twice at once', 'IPX_READ_PENDING', /await it before the next/],
])('%s %s: %s, and the client is as good as before', async (_id, word, code, sentence) => {
  const client = await bed.connect();
  const begunAt = performance.now();
  client.send(`${word}\n`);
  const answer = await client.answer<Answer>();
  expect(performance.now() - begunAt).toBeLessThan(4_000); // A transfer may take 5 s.
  expect(answer).toMatchObject({ code, reason: matching(sentence) });
  client.send('still here\n');
  expect(await client.line()).toBe('still here');
});

test('CT-8 a state that comes after its transfer has ended is not taken for the next', async () => {
  const client = await bed.connect();
  client.send('move on while a state is late\n');
  expect(await client.answer()).toMatchObject({
    first: { outcome: 'refused', code: 'IPX_DEADLINE', attempts: [] },
    second: { attempts: [{ reason: 'this is the state of the second transfer' }] },
  });
});

test('AF-9 a line over the limit is refused, and can still be read', async () => {
  const client = await bed.connect();
  client.send('read a short line\nmuch longer than ten bytes\n');
  expect(await client.answer()).toMatchObject({
    code: 'IPX_READ_LIMIT',
    reason: matching(/more than 10 bytes/),
  });
  expect(await client.line()).toBe('much longer than ten bytes');
});

test('CT-17 a socket whose bytes are decoded is refused by name', async () => {
  const client = await bed.connect();
  client.send('decode, then move\n');
  expect(await client.answer()).toMatchObject({
    code: 'IPX_CLIENT_DECODED',
    reason: matching(/setEncoding\(\)/),
  });
});

test('CT-17 a socket that is corked is refused by name, not for its client', async () => {
  const client = await bed.connect();
  client.send('forget to uncork, then move\n');
  expect(await client.line()).toBe('corked');
  expect(await client.answer()).toMatchObject({
    outcome: 'refused',
    code: 'IPX_CLIENT_UNDRAINED',
    reason: matching(/call uncork\(\) before/),
  });
});

test('CT-17 a TLS session is refused by name after its handshake, and goes on', async () => {
  const client = await bed.connect();
  client.socket.removeAllListeners('data');
  client.send('encrypt, then move\n');
  const session = await encrypted(client.socket);
  let text = '';
  for await (const chunk of session) text += String(chunk);
  expect(JSON.parse(text)).toMatchObject({
    outcome: 'refused',
    code: 'IPX_CLIENT_TLS',
    reason: matching(/before, by server name/),
  });
});

test('CT-17 a client to whom the end was sent is refused by name, and gets it all', async () => {
  const failed = once(bed.cluster, 'application.failed');
  const client = await bed.connect({ allowHalfOpen: true });
  client.send('end, then move\n');
  expect(await client.line()).toBe('the end');
  expect(await client.over()).toBe('end');
  const reason = 'IPX_CLIENT_HALF_SENT: The end was already sent to the client.';
  expect(await failed).toMatchObject([{ application: 'clumsy', reason }]);
});

test('AF-9 what routing code throws ends its client alone, and is told', async () => {
  const others = await bed.connect();
  const failed = once(bed.cluster, 'application.failed');
  const client = await bed.connect();
  client.send('throw\n');
  expect(await client.over()).toBe('end');
  expect(await failed).toMatchObject([
    {
      node: 'edge',
      application: 'clumsy',
      code: 'IPX_APPLICATION_FAILED',
      reason: 'the routing application has thrown',
    },
  ]);
  others.send('no attempts\n');
  expect(await others.answer()).toMatchObject({ code: 'IPX_OPTION_INVALID' });
});

test.each(['edge', 'hall'])(
  'AF-9 a client that %s has ended is not kept for what it sent and nobody read',
  async (place) => {
    const steered = await Testbed.start({ nodes: { edge: {}, hall: { run: ['room'] } } });
    onTestFinished(() => steered.stop());
    const client = await (place === 'edge' ? steered.connect() : steered.connectTo(place));
    client.send(`${JSON.stringify({ do: 'end' })}\n${'never read '.repeat(30_000)}`);
    expect(await client.over()).toBe('end');
    client.socket.end();
    await until('nothing of the client is left', () => steered.isIdle());
  },
);
