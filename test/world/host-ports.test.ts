/**
 * Goal: SP-1, SP-2, SP-5: processes of one host that share an address never have one port twice,
 * whichever is killed, the coordinator too; what the dead had rests, and is then free; and who is
 * left goes on.
 * Method: real processes, which lease, bind and give back at random, and are killed at random
 * moments; what they wrote down is judged as the models are. IPX_HOST_SECONDS=60 is for the soak.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { routingApplication, startNode } from 'interplex';
import { expect, onTestFinished, test } from 'vitest';
import { judgeAll } from '#internal/check/models/port-judge';
import { inOrder } from '../support/host-process.ts';
import { matching } from '../support/matching.ts';
import { Host, leaseAll, settings } from '../support/ports-host.ts';
import { until } from '../support/until.ts';

const seconds = Number(process.env['IPX_HOST_SECONDS'] ?? 4);
test(
  `SP-1 SP-2 SP-5 ${seconds} s of three processes, killed at any moment: no port is had twice`,
  async () => {
    const host = new Host(1);
    const names = ['a', 'b', 'c'];
    const running = await Promise.all(names.map((name) => host.begin(name, 100, true)));
    const endAt = performance.now() + seconds * 1_000;
    let kills = 0;
    for (; performance.now() < endAt || kills < 3; kills += 1) {
      await pause(20 + Math.random() * 150); // They work; the length tells nothing.
      const which = Math.floor(Math.random() * running.length);
      await host.kill(running[which]!);
      running[which] = await host.begin(names[which]!, 100, true);
    }
    for (const process of running) host.acts.push(...(await process.end()));
    const verdict = judgeAll(inOrder(host.acts));
    expect(verdict).toEqual({ holders: {}, fault: '' });
    expect(host.acts.length).toBeGreaterThan(1_000);
    const node = await host.node();
    const all: number[] = [];
    await until('every port is back', async () => {
      all.push(...(await leaseAll(node, host.localAddress)));
      return all.length >= 256; // A port that was lent comes at the coordinator's next look.
    });
    expect(new Set(all).size).toBe(256); // Once.
  },
  60_000 + seconds * 3_000,
);

test('SP-2 one that stands still keeps what it leases, whoever coordinates meanwhile', async () => {
  const host = new Host(2);
  const coordinator = await host.begin('a', 20);
  await until('it has the place', () => coordinator.holds().length > 0);
  const still = await host.begin('b', 60);
  await until('it holds some', () => still.holds().length > 40);
  still.signal('SIGSTOP');
  onTestFinished(() => host.kill(still));
  const held = still.holds();
  await coordinator.kill();
  const node = await host.node(); // It takes the place: the other cannot even answer.
  const got = await leaseAll(node, host.localAddress);
  expect(got.length).toBeGreaterThan(100);
  for (const port of held) expect(got).not.toContain(port);
  const bound = node.ports.bind({ address: host.localAddress, port: held[0]! });
  await expect(bound).rejects.toMatchObject({
    code: 'IPX_PORTS_LOST',
    message: matching(/is of a block of process \d+, which does not answer/),
  });
  still.signal('SIGCONT');
  await until('it goes on', () => still.holds().join() !== held.join());
});

test('SP-8 an endpoint whose port one has that stands still keeps no node back', async () => {
  const host = new Host(12);
  const coordinator = await host.begin('a', 20);
  await until('it has the place', () => coordinator.holds().length > 0);
  const still = await host.begin('b', 60);
  await until('it holds some', () => still.holds().length > 40);
  still.signal('SIGSTOP');
  onTestFinished(() => host.kill(still));
  onTestFinished(() => host.kill(coordinator));
  const address = host.localAddress;
  const port = still.holds()[0]!;
  const node = await startNode({
    id: 'n',
    applications: { lobby: { routing: routingApplication(() => {}) } },
    vipas: { door: { address, port, routing: 'lobby', sharedPorts: settings } },
    log: { level: 'silent' },
  });
  onTestFinished(() => node.stop());
  expect((await node.ports.lease({ localAddress: address })).port).not.toBe(port);
});

test('SP-2 while the coordinator stands still others go on with what they lease', async () => {
  const host = new Host(3);
  const coordinator = await host.begin('a', 20);
  onTestFinished(() => host.kill(coordinator));
  await until('it has the place', () => coordinator.holds().length > 0);
  const node = await host.node();
  const { localAddress } = host;
  const lease = await node.ports.lease({ localAddress });
  coordinator.signal('SIGSTOP');
  lease.release({ wasUsed: false });
  expect((await node.ports.lease({ localAddress })).port).toBeGreaterThan(0); // Of its own.
  const lost = {
    code: 'IPX_PORTS_LOST',
    message: matching(/the one that has the place stands still/),
  };
  const all = async () => {
    for (;;) await node.ports.lease({ localAddress });
  };
  await expect(all()).rejects.toMatchObject(lost);
  coordinator.signal('SIGCONT');
  await until('there are more', () =>
    node.ports.lease({ localAddress }).then(
      () => true,
      () => false,
    ),
  );
});

test('SP-4 SP-5 what a process that was killed had rests, and is then free', async () => {
  const host = new Host(4, { ...settings, restMs: 3_000 });
  const node = await host.node();
  const one = await node.ports.lease({ localAddress: host.localAddress });
  const killed = await host.begin('b', 60);
  await until('it holds some', () => killed.holds().length > 40);
  const held = killed.holds();
  const diedAt = Date.now();
  await killed.kill();
  const got = await leaseAll(node, host.localAddress);
  expect(held.length).toBeGreaterThan(0);
  const isEarly = Date.now() < diedAt + 3_000; // On a machine that stood still it may not be.
  expect(isEarly ? held.filter((port) => got.includes(port)) : []).toEqual([]);
  await until('its ports are back', async () => {
    got.push(...(await leaseAll(node, host.localAddress)));
    return got.length === 255;
  });
  expect(new Set([...got, one.port]).size).toBe(256);
});

test('SP-2 AF-9 who would share the same ports otherwise is told who shares them', async () => {
  const host = new Host(5);
  const one = await host.node();
  await one.ports.lease({ localAddress: host.localAddress });
  const other = await host.node({ ...settings, last: 23_127 });
  const refused = {
    code: 'IPX_OPTION_INVALID',
    message: matching(
      /process \d+ shares ports 23000 to 23255 of it, with structure bitmap, portBlock 16 and/,
    ),
  };
  for (let tries = 0; tries < 20; tries += 1) {
    const leasing = other.ports.lease({ localAddress: host.localAddress });
    await expect(leasing).rejects.toMatchObject(refused); // None of them keeps a seat.
  }
  await one.stop(); // Then nobody does.
  expect((await other.ports.lease({ localAddress: host.localAddress })).port).toBeLessThan(23_128);
});

test('SP-2 what a killed process said of the ports binds nobody', async () => {
  const host = new Host(8);
  const killed = await host.begin('a', 20);
  await until('it holds some', () => killed.holds().length > 0);
  await killed.kill();
  const node = await host.node({ ...settings, last: 23_127 });
  const { port } = await node.ports.lease({ localAddress: host.localAddress });
  expect(port).toBeLessThan(23_128);
});

test('SP-7 the table is leased as a whole: a second process is told who has it', async () => {
  const table = { structure: 'table', first: 23_000, last: 23_063, restMs: 0 } as const;
  const host = new Host(6, table);
  const [one, other] = [await host.node(), await host.node()];
  const { localAddress } = host;
  const { port } = await one.ports.lease({ localAddress });
  const leasing = other.ports.lease({ localAddress });
  await expect(leasing).rejects.toMatchObject({ code: 'IPX_PORTS_EXHAUSTED' });
  const taken = { code: 'IPX_PORT_TAKEN', message: matching(/is held by process \d+/) };
  for (const given of [port, port === 23_000 ? 23_001 : 23_000]) {
    const binding = other.ports.bind({ address: localAddress, port: given });
    await expect(binding).rejects.toMatchObject(taken);
  }
});
