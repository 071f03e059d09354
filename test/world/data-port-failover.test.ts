/**
 * Goal: a port whose target is gone goes on with a backup, by itself or as its client says, and
 * loses nothing (DP-8): also while it is opened.
 * Method: nodes in this thread over real sockets, between them lines that refuse or stay silent.
 */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { startNode } from 'interplex';
import { expect, onTestFinished, test } from 'vitest';
import {
  linesTo,
  nodeOf,
  notingTaker,
  numbered,
  openPort,
  takerOf,
  upTo,
} from '../support/data-port/nodes.ts';
import { PortProcess } from '../support/data-port/port-process.ts';
import { until } from '../support/until.ts';

test('DP-8 a port fails over by itself: what was not applied comes once, marked', async () => {
  const first = await takerOf('hall-1', (port) => {
    port.receive(() => new Promise<void>(() => {})); // It never is done with the first.
  });
  const second = await notingTaker('hall-2');
  const { lines, place } = await linesTo(first, 2);
  const { port, told } = await openPort(await nodeOf('edge'), {
    to: place,
    backups: [second.place],
  });
  await told.until('path.up', 2);
  for (const number of upTo(50)) await port.send(numbered(number), { acknowledgement: 'received' });
  for (const line of lines) {
    line.greeting = 'refuse';
    line.reset();
  }
  await told.until('port.failedOver');
  expect(port.target).toBe('hall-2');
  expect(port.epoch).toBe(2);
  expect(told.of('port.failedOver')).toMatchObject([{ target: 'hall-2', replayed: 50 }]);
  await port.send(numbered(50));
  expect(second.numbers).toEqual(upTo(51));
  expect(second.replayed).toEqual(upTo(50));
});

test('DP-8 opened while its target is gone, a backup has the port; it may go back', async () => {
  const first = await notingTaker('hall-1');
  const second = await notingTaker('hall-2');
  const third = await notingTaker('hall-3');
  const [gone, silent] = [await linesTo(first, 2), await linesTo(second, 1)];
  for (const line of gone.lines) line.greeting = 'refuse';
  silent.lines[0]!.greeting = 'ignore';
  const { port, told } = await openPort(await nodeOf('edge'), {
    to: gone.place,
    backups: [silent.place, third.place],
    openMs: 300,
  });
  expect(port.target).toBe('hall-3');
  expect(told.of('target.unreachable')).toMatchObject([{ target: 'hall-1' }]);
  expect(told.of('port.failedOver')).toMatchObject([{ target: 'hall-3', replayed: 0 }]);
  await port.send(numbered(1));
  for (const line of gone.lines) line.greeting = 'connect';
  expect(await port.failback()).toBe('hall-1');
  await port.send(numbered(2));
  expect([first.numbers, second.numbers, third.numbers]).toEqual([[2], [], [1]]);
  expect([first.replayed, third.replayed]).toEqual([[], []]);
});

test('DP-8 the client decides: it is told, chooses a backup, and later goes back', async () => {
  const first = await notingTaker('hall-1');
  const second = await notingTaker('hall-2');
  const third = await notingTaker('hall-3');
  const { lines, place } = await linesTo(first, 2);
  const { port, told } = await openPort(await nodeOf('edge'), {
    to: place,
    backups: [second.place, third.place],
    failover: 'client',
  });
  await told.until('path.up', 2);
  for (const line of lines) {
    line.greeting = 'refuse';
    line.reset();
  }
  await told.until('target.unreachable');
  expect(told.of('target.unreachable')).toMatchObject([{ backups: ['hall-2', 'hall-3'] }]);
  const sending = port.send(numbered(7));
  expect(await port.failover('hall-3')).toBe('hall-3');
  await sending;
  expect(third.numbers).toEqual([7]);
  for (const line of lines) line.greeting = 'connect';
  expect(await port.failback()).toBe('hall-1');
  await port.send(numbered(8));
  expect(first.numbers).toEqual([8]);
  expect(second.numbers).toEqual([]);
});

test('DP-8 without anybody to go to the port stays, and who told it to go is told', async () => {
  const taker = await notingTaker('hall');
  const { port, told } = await openPort(await nodeOf('edge'), { to: taker.place });
  await expect(port.failover()).rejects.toMatchObject({ code: 'IPX_PORT_UNREACHABLE' });
  await port.send(numbered(1));
  expect([port.target, port.epoch, taker.numbers]).toEqual(['hall', 1, [1]]);
  expect(told.of('port.failedOver')).toEqual([]);
});

test('DP-8 a backup that answers late is told of, too, and has what was not applied', async () => {
  const [first, second] = [await notingTaker('hall-1'), await notingTaker('hall-2')];
  const [gone, late] = [await linesTo(first, 2), await linesTo(second, 1)];
  late.lines[0]!.greeting = 'ignore';
  const { port, told } = await openPort(await nodeOf('edge'), {
    to: gone.place,
    backups: [late.place],
    openMs: 300,
  });
  for (const line of gone.lines) {
    line.greeting = 'refuse';
    line.reset();
  }
  const sending = port.send(numbered(1));
  await told.until('port.stranded');
  late.lines[0]!.greeting = 'connect';
  await sending;
  expect(told.of('port.failedOver')).toMatchObject([{ target: 'hall-2' }]);
  expect([first.numbers, second.numbers]).toEqual([[], [1]]);
});

/** A member of that name, in a process that can stand still, and a node that knows it by gossip. */
async function membersOf(id: string) {
  const key = randomBytes(32);
  const launch = ([program = '', ...others]: readonly string[]) =>
    spawn(program, others, { stdio: ['pipe', 'pipe', 'inherit'] });
  const adapters = [{ address: '127.82.0.1', port: 7_946 }];
  const setting = { id, adapters, key: key.toString('hex'), seeds: [] };
  const member = await PortProcess.start(launch, setting);
  onTestFinished(() => member.end());
  const edge = await startNode({
    id: 'edge',
    applications: {},
    adapters: [{ address: '127.82.0.2', port: 7_946 }],
    messaging: { key, seeds: ['127.82.0.1:7946'] },
    log: { level: 'fatal' },
  });
  onTestFinished(() => edge.stop());
  const becomes = (wanted: string) =>
    until(
      `${id} is ${wanted}`,
      () => edge.members().some(({ node, status }) => node === id && status === wanted),
      30_000,
    );
  await becomes('alive');
  return { member, edge, becomes };
}

test('DP-8 a target that is held for dead is kept by a path, and without is left', async () => {
  const { member, edge, becomes } = await membersOf('hall');
  // Its port is here, so that its paths outlive what the membership sees of it.
  const [hall, spare] = [await notingTaker('hall'), await notingTaker('spare')];
  const { lines, place } = await linesTo(hall, 2);
  const { port, told } = await openPort(edge, { to: place, backups: [spare.place] });
  await told.until('path.up', 2);
  member.freeze();
  await becomes('dead');
  await port.send(numbered(1));
  expect([port.target, told.of('port.interrupted')]).toEqual(['hall', []]);
  for (const line of lines) {
    line.greeting = 'ignore';
    line.faults = { isCut: true };
  }
  await told.until('port.interrupted');
  const interruptedAt = performance.now();
  await told.until('port.failedOver');
  expect(performance.now() - interruptedAt).toBeLessThan(1_000); // A dial in vain takes 1.5 s.
  await port.send(numbered(2));
  expect([hall.numbers, spare.numbers]).toEqual([[1], [2]]);
}, 60_000);
