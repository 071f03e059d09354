/**
 * Goal: a server of Node serves what a relay brings it as it serves a descriptor: requests, bodies
 * both ways, WebSockets, and the ends that either side makes (CT-15, CT-16).
 * Method: an http server with WebSockets at another thread of a cluster that may only relay.
 */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { dial, readAll } from '../support/site.ts';
import { Testbed } from '../support/testbed.ts';
import { until } from '../support/until.ts';
import { applicationAt } from '../support/application-at.ts';

const web = applicationAt('web');
let bed: Testbed;
beforeAll(async () => {
  bed = await Testbed.start({
    nodes: { edge: {}, 'hall-1': { run: ['room'] } },
    applications: { lobby: web, room: web },
    carriers: ['relay'],
  });
});
afterEach(() => bed.settle());
afterAll(() => bed.stop());

const request = (path: string, more = '') => `GET ${path} HTTP/1.1\r\nHost: demo\r\n${more}\r\n`;

test('CT-15 CT-16 CT-3 pipelined requests are answered in order over a relay', async () => {
  const client = await dial(bed.port);
  const paths = Array.from({ length: 500 }, (_, index) => `/${index}`);
  client.write(paths.map((path) => request(path)).join(''));
  client.end(request('/last', 'Connection: close\r\n'));
  const answers = (await readAll(client)).match(/^\/.*$/gm);
  expect(answers).toEqual([...paths, '/last'].map((path) => `${path} hall-1 relay`));
});

test('CT-15 CT-16 CT-3 a body goes there and back whole over a relay', async () => {
  const body = randomBytes(5_000_000);
  const response = await fetch(`http://127.0.0.1:${bed.port}/`, { method: 'POST', body });
  expect(Buffer.from(await response.arrayBuffer()).equals(body)).toBe(true);
});

test('CT-15 CT-16 a relayed connection that is idle is closed by the server', async () => {
  const client = await dial(bed.port);
  client.write(request('/idle'));
  expect(await readAll(client)).toMatch(/\/idle hall-1 relay\n/);
});

test('CT-15 CT-16 ws serves a WebSocket over a relay, its first frame too', async () => {
  const socket = new WebSocket(`ws://127.0.0.1:${bed.port}/live`);
  const received: string[] = [];
  socket.on('message', (frame: Buffer) => received.push(frame.toString('latin1')));
  await once(socket, 'open');
  const large = Buffer.alloc(200_000, 0xe9);
  socket.send('text');
  socket.send(large);
  await until('all has come back', () => received.length === 3);
  expect(received).toEqual(['/live hall-1 relay', 'text', large.toString('latin1')]);
  socket.close(1000);
  expect(await once(socket, 'close')).toEqual([1000, Buffer.alloc(0)]);

  const eager = await dial(bed.port); // Its first frame, "hi", does not wait for the answer.
  const upgrade = 'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n';
  eager.write(request('/x', `${upgrade}Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n`));
  eager.write(Buffer.from([0x81, 0x82, 0, 0, 0, 0, 0x68, 0x69, 0x88, 0x80, 0, 0, 0, 0]));
  const answer = await readAll(eager);
  expect(answer).toMatch(/^HTTP\/1\.1 101 /);
  expect(answer).toContain('\x81\x02hi');
  eager.end();
});
