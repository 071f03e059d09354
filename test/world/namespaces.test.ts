/**
 * Goal: the network that tests of routes stand on is as drawn, can be cut, and leaves nothing.
 * Method: with the privilege, datagrams are sent to a server on the other host; without it the test
 * says so.
 */
import { once } from 'node:events';
import { expect, onTestFinished, test } from 'vitest';
import { missingPrivilege } from '../support/namespaces.ts';
import { twoRouters } from '../support/two-routers.ts';

const missing = await missingPrivilege();

/** Answers each datagram, and says when it is there. */
const server = `const socket = require('node:dgram').createSocket('udp4');
  socket.on('message', (bytes, from) => socket.send(bytes, from.port, from.address));
  socket.bind(7000, () => console.log('there'));`;
/** Asks until it is answered, or cannot be. */
const client = (address: string) => `const socket = require('node:dgram').createSocket('udp4');
  const failed = (error) => error && (console.log(error.code), process.exit());
  socket.on('message', () => (console.log('answered'), process.exit()));
  setInterval(() => socket.send('?', 7000, '${address}', failed), 20);
  setTimeout(() => (console.log('silence'), process.exit()), 300);`;

test('two hosts reach each other by two routers, and a cut takes one of the ways', async ({
  skip,
}) => {
  if (missing !== undefined) skip(missing);
  const network = await twoRouters();
  onTestFinished(() => network.remove());
  await network.route('a', '10.80.3.0/24', '10.80.1.1');
  await network.route('a', '10.80.4.0/24', '10.80.2.1');
  await network.route('b', '10.80.1.0/24', '10.80.3.1');
  await network.route('b', '10.80.2.0/24', '10.80.4.1');
  expect(await network.routes('a')).toContain('10.80.4.0/24 via 10.80.2.1 dev a-r2');
  await once(network.spawn('b', [process.execPath, '-e', server]).stdout ?? process, 'data');
  const ask = async (address: string) =>
    (await network.run('a', process.execPath, '-e', client(address))).trim();
  expect(await Promise.all(['10.80.3.2', '10.80.4.2'].map(ask))).toEqual(['answered', 'answered']);
  await network.cut('b', 'r1');
  expect(await Promise.all(['10.80.3.2', '10.80.4.2'].map(ask))).toEqual(['silence', 'answered']);
  await network.cut('a', 'r1');
  expect(await ask('10.80.3.2')).toBe('ENETUNREACH');
  await network.mend('a', 'r1');
  expect(await network.routes('a')).toContain(
    '10.80.1.0/24 dev a-r1 proto kernel scope link src 10.80.1.2',
  );
});
