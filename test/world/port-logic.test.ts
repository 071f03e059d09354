/**
 * Goal: a data port and a mirror are part of a user's own machine: invoked, they are open for as
 * long as the state is, and tell their parent what they come to (AF-6).
 * Method: machines that invoke them, between nodes over real sockets; refusals and stops, too.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { receiveMirrors, type DataPort } from 'interplex';
import { dataPortLogic, mirrorLogic } from 'interplex/actors';
import type { DataPortReport, MirrorReport } from 'interplex/actors';
import { expect, onTestFinished, test } from 'vitest';
import { assign, createActor, enqueueActions, setup, waitFor, type AnyActor } from 'xstate';
import { nodeOf, numbered, numberOf, takerOf } from '../support/data-port/nodes.ts';
import { until } from '../support/until.ts';

type Reported = DataPortReport | MirrorReport;
/** A machine of a user's: what it invokes is there until it is told to leave. */
const machineOf = (logic: typeof dataPortLogic | typeof mirrorLogic, input: object) =>
  setup({
    // oxlint-disable-next-line typescript/no-unnecessary-type-assertion -- as xstate gives types
    types: {} as {
      context: { reports: readonly Reported[] };
      events: Reported | { type: 'tell'; command: { type: string } } | { type: 'leave' };
    },
    actors: { invoked: logic as typeof dataPortLogic },
    actions: {
      note: assign({ reports: ({ context, event }) => [...context.reports, event as Reported] }),
      pass: enqueueActions(({ event, enqueue }) => {
        if (event.type === 'tell') enqueue.sendTo('invoked', event.command);
      }),
    },
  }).createMachine({
    context: { reports: [] },
    initial: 'using',
    states: {
      using: {
        invoke: { id: 'invoked', src: 'invoked', input: input as never },
        on: { tell: { actions: 'pass' }, leave: 'left', '*': { actions: 'note' } },
      },
      left: { type: 'final' },
    },
  });

function started(logic: typeof dataPortLogic | typeof mirrorLogic, input: object) {
  const actor = createActor(machineOf(logic, input)).start();
  onTestFinished(() => void actor.stop());
  const reports = () => actor.getSnapshot().context.reports;
  const told = (type: Reported['type'], count = 1) =>
    waitFor(
      actor as AnyActor,
      () => reports().filter((report) => report.type === type).length >= count,
      { timeout: 10_000 },
    );
  return { actor, reports, told };
}

test('AF-6 DP-3 a machine that invokes a data port sends, hears and is told of it', async () => {
  const heard: number[] = [];
  const ports: DataPort[] = [];
  const taker = await takerOf('hall', (port) => {
    ports.push(port);
    port.receive((message) => {
      heard.push(numberOf(message));
      void port.post(numbered(numberOf(message) + 100));
    });
  });
  const input = { node: await nodeOf('edge'), to: taker.place, service: 'volume', links: 1 };
  const { actor, reports, told } = started(dataPortLogic, input);
  // Before it is open, what it is told waits.
  actor.send({ type: 'tell', command: { type: 'post', bytes: numbered(1) } as never });
  await told('dataPort.opened');
  actor.send({ type: 'tell', command: { type: 'post', bytes: numbered(2) } as never });
  await told('dataPort.message', 2);
  expect(heard).toEqual([1, 2]);
  const answers = reports().flatMap((report) =>
    report.type === 'dataPort.message' ? numberOf(report.message) : [],
  );
  expect(answers).toEqual([101, 102]);
  actor.send({ type: 'tell', command: { type: 'failover', to: 'nowhere' } as never });
  await told('dataPort.refused');
  expect(reports().at(-1)).toMatchObject({ type: 'dataPort.refused', code: 'IPX_NODE_UNKNOWN' });
  actor.send({ type: 'leave' });
  expect(await ports[0]!.ended).toEqual({ outcome: 'closed' });
});

test('AF-6 AF-9 a port that cannot be opened tells its machine why', async () => {
  const taker = await takerOf('hall', () => {});
  const input = { node: await nodeOf('edge'), to: taker.place, service: 'nothing' };
  const { reports, told } = started(dataPortLogic, input);
  await told('dataPort.refused');
  expect(reports()[0]).toMatchObject({ code: 'IPX_SERVICE_UNKNOWN' });
});

test('AF-6 a machine that leaves before its port is open leaves none behind', async () => {
  const ports: DataPort[] = [];
  const taker = await takerOf('hall', (port) => void ports.push(port));
  const input = { node: await nodeOf('edge'), to: taker.place, service: 'volume' };
  const { actor } = started(dataPortLogic, input);
  actor.send({ type: 'leave' });
  const other = await (
    await nodeOf('other')
  ).openDataPort({
    to: taker.place,
    service: 'volume',
  });
  // Whatever was accepted of the first one has ended; the later one is there.
  const lives = await Promise.all(
    ports.map(async (port) => (port.id === other.id ? 'open' : port.ended)),
  );
  for (const life of lives) expect(['open', { outcome: 'closed' }]).toContainEqual(life);
  await other.close();
});

test('AF-6 DP-10 a machine that invokes a mirror is told when it is level, and ends', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'interplex-logic-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'volume');
  writeFileSync(file, 'first');
  const into = join(folder, 'into');
  mkdirSync(into);
  const hall = await nodeOf('hall');
  const target = await receiveMirrors(hall, { into });
  onTestFinished(() => target.close());
  const to = { node: 'hall', ...target.addresses[0]! };
  const input = { node: await nodeOf('edge'), file, to };
  const { actor, reports } = started(mirrorLogic, input);
  await waitFor(actor as AnyActor, () => JSON.stringify(reports()).includes('mirror.level'), {
    timeout: 10_000,
  });
  const replica = () => readFileSync(join(into, 'volume'), 'utf8');
  expect(replica()).toBe('first');
  const bytes = Buffer.from('FIRST');
  actor.send({ type: 'tell', command: { type: 'write', offset: 0, bytes } as never });
  await until('the write is there', () => replica() === 'FIRST', 10_000);
  actor.send({ type: 'leave' });
  expect(actor.getSnapshot().status).toBe('done');
});

test('AF-6 DP-10 a mirror that cannot be, and a write that it cannot take, are told', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'interplex-logic-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'volume');
  const into = join(folder, 'into');
  mkdirSync(into);
  const target = await receiveMirrors(await nodeOf('hall'), { into });
  onTestFinished(() => target.close());
  const to = { node: 'hall', ...target.addresses[0]! };
  const node = await nodeOf('edge');
  const lacking = started(mirrorLogic, { node, file, to });
  await lacking.told('mirror.refused');
  expect(lacking.reports()).toMatchObject([{ code: 'IPX_MIRROR_SOURCE' }]);
  writeFileSync(file, 'first');
  const alone = started(mirrorLogic, { node, file, to: { ...to, port: 1 } });
  await alone.told('mirror.refused');
  expect(alone.reports()).toMatchObject([{ code: 'IPX_PATH_LOST' }]);
  const whole = started(mirrorLogic, { node, file, to });
  await whole.told('mirror.opened');
  const bytes = Buffer.from('before its begin');
  whole.actor.send({ type: 'tell', command: { type: 'write', offset: -1, bytes } as never });
  await whole.told('mirror.refused');
  const refusals = whole.reports().filter(({ type }) => type === 'mirror.refused');
  expect(refusals).toMatchObject([{ code: 'IPX_OPTION_INVALID' }]);
});
