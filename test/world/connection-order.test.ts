/**
 * Goal: SP-2: what the models of a host's coordinator count on: one that stood still hears those
 * connections first that were made first, though each was given up before the next.
 * Method: this thread is blocked while another makes some hundred, says a line on each and closes
 * it; then the lines are heard.
 */
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { expect, onTestFinished, test } from 'vitest';
import { LineSocket } from '#internal/io/line-socket';
import { until } from '../support/until.ts';

const count = 200; // Fewer than the kernel lets wait to be accepted.
const rounds = 5;
const longMs = 20_000;

const code = `
const { connect } = require('node:net');
const { once } = require('node:events');
const { path, count, done } = require('node:worker_threads').workerData;
(async () => {
  for (let number = 0; number < count; number += 1) {
    const socket = connect(path).on('error', () => {});
    await once(socket, 'connect');
    await new Promise((resolve) => socket.write(number + '\\n', resolve));
    socket.destroy();
  }
  Atomics.store(done, 0, 1);
  Atomics.notify(done, 0);
})();
`;

test('SP-2 who stood still hears connections in the order in which they came', async () => {
  for (let round = 0; round < rounds; round += 1) {
    const heard: number[] = [];
    const lines: LineSocket<never, number>[] = [];
    const path = join(tmpdir(), `order-${round}.sock`);
    const server = createServer((socket) => {
      const onHeard = (number: number) => void heard.push(number);
      lines.push(new LineSocket(socket, { onHeard, onLost: () => {} }));
    });
    onTestFinished(() => void server.close());
    await new Promise<void>((resolve) => server.listen(path, resolve));
    const done = new Int32Array(new SharedArrayBuffer(4));
    const worker = new Worker(code, { eval: true, workerData: { path, count, done } });
    onTestFinished(() => worker.terminate().then(() => undefined));
    expect(Atomics.wait(done, 0, 0, longMs)).not.toBe('timed-out');
    expect(heard).toEqual([]);
    await until('all are heard', () => heard.length === count);
    expect(lines).toHaveLength(count);
    expect(heard).toEqual(Array.from({ length: count }, (_, number) => number));
  }
});
