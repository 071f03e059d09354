/**
 * Goal: SP-1, SP-2, SP-5, SP-6: processes of one host that share an address never have one port
 * twice, whichever is killed, the coordinator too; what the dead had rests, and is then free; who
 * is left goes on; and a given port that is free is had whoever leases its block.
 * Method: real processes, which lease, bind and give back at random, and are killed at random
 * moments; what they wrote down is judged as the models are. IPX_HOST_SECONDS=60 is for the soak.
 */
import { join } from 'node:path';
import { tmpdir } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { startNode, type Node, type SharedPortsSettings } from 'interplex';
import { expect, onTestFinished, test } from 'vitest';
import { judgeAll } from '#internal/check/models/port-judge';
import { HostProcess, inOrder, type TimedAct } from '../support/host-process.ts';
import { matching } from '../support/matching.ts';
import { until } from '../support/until.ts';

const seconds = Number(process.env['IPX_HOST_SECONDS'] ?? 4);
const subnet = '127.9.7.0/24';
const settings = { first: 23_000, last: 23_255, portBlock: 16, restMs: 0 };

let lastLog = 0;
/** Processes at an address of its own for each test. */
class Host {
  readonly localAddress: string;
  readonly #sharedPorts: SharedPortsSettings;
  readonly acts: TimedAct[] = [];

  constructor(last: number, sharedPorts: SharedPortsSettings = settings) {
    this.localAddress = `127.9.7.${last}`;
    this.#sharedPorts = sharedPorts;
  }

  begin(name: string, held: number, binds = false): Promise<HostProcess> {
    lastLog += 1;
    const log = join(tmpdir(), `acts-${lastLog}`);
    const { localAddress } = this;
    const use = { localAddress, subnet, sharedPorts: this.#sharedPorts, log, held, binds };
    return HostProcess.begin(`${name} ${lastLog}`, use);
  }

  async kill(process: HostProcess): Promise<void> {
    this.acts.push(...(await process.kill()));
  }

  async node(sharedPorts = this.#sharedPorts): Promise<Node> {
    const vipas = { out: { kind: 'range', subnet, sharedPorts } } as const;
    const node = await startNode({ id: 'n', applications: {}, vipas, log: { level: 'silent' } });
    onTestFinished(() => node.stop());
    return node;
  }
}

const leaseAll = async ({ ports }: Node, localAddress: string): Promise<number[]> => {
  const got: number[] = [];
  for (;;) {
    const lease = await ports.lease({ localAddress }).catch((error: unknown) => error as Error);
    if (lease instanceof Error) {
      expect(lease).toMatchObject({ code: 'IPX_PORTS_EXHAUSTED' });
      return got;
    }
    got.push(lease.port);
  }
};

/** Ports of the block that a port is of. */
const blockOf = (port: number): number[] => {
  const first = port - ((port - settings.first) % settings.portBlock);
  return Array.from({ length: settings.portBlock }, (_, at) => first + at);
};

/** What comes of the first of them that something comes of. */
async function firstOf<Value>(ports: readonly number[], take: (port: number) => Promise<Value>) {
  for (const port of ports) {
    const value = await take(port).catch(() => undefined);
    if (value !== undefined) return value;
  }
  throw new Error('None was to be had.');
}

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

test('SP-6 a given port is had whoever leases its block, and who has it is said', async () => {
  const host = new Host(9);
  const [holder, borrower] = [await host.node(), await host.node()];
  const { localAddress: address } = host;
  const { port } = await holder.ports.lease({ localAddress: address });
  const other = blockOf(port).find((one) => one !== port)!;
  const bindAt = (node: Node, given: number) => node.ports.bind({ address, port: given });
  const taken = { code: 'IPX_PORT_TAKEN', message: matching(/is held by process \d+/) };
  await expect(bindAt(borrower, port)).rejects.toMatchObject(taken);
  const lent = await bindAt(borrower, other);
  const isLent = { code: 'IPX_PORT_TAKEN', message: matching(/lent to another process/) };
  await expect(bindAt(holder, other)).rejects.toMatchObject(isLent);
  await expect(bindAt(borrower, other)).rejects.toMatchObject({ code: 'IPX_PORT_TAKEN' });
  const third = await host.node();
  await expect(bindAt(third, other)).rejects.toMatchObject(taken);
  lent.release({ wasUsed: false });
  await until('its block has it again', () =>
    bindAt(holder, other).then(
      () => true,
      () => false,
    ),
  );
});

test('SP-5 SP-6 a port that was lent outlives who lent it, and comes back once', async () => {
  const host = new Host(10);
  const { localAddress: address } = host;
  const holder = await host.begin('a', 60);
  await until('it holds some', () => holder.holds().length > 40);
  const node = await host.node();
  const lent = await firstOf(holder.holds().flatMap(blockOf), (port) =>
    node.ports.bind({ address, port }),
  );
  await holder.kill();
  const others = await host.node();
  const got: number[] = [];
  await until('all else is back', async () => {
    got.push(...(await leaseAll(others, address)));
    return got.length === 255;
  });
  expect(new Set([...got, lent.port]).size).toBe(256);
  lent.release({ wasUsed: false });
  await until('it is back', async () => {
    got.push(...(await leaseAll(others, address)));
    return got.length === 256;
  });
});

test('SP-5 SP-6 what a process borrowed that was killed is its block’s again', async () => {
  const host = new Host(11);
  const { localAddress: address } = host;
  const node = await host.node();
  const { port } = await node.ports.lease({ localAddress: address });
  const killed = await host.begin('b', 100, true);
  const borrowed = () => killed.holds().find((one) => blockOf(port).includes(one));
  await until('it has borrowed one', () => borrowed() !== undefined);
  const one = borrowed()!;
  await killed.kill();
  await until('it is back', () =>
    node.ports.bind({ address, port: one }).then(
      () => true,
      () => false,
    ),
  );
  await expect(node.ports.bind({ address, port: one })).rejects.toThrow(/is node "n"'s already/);
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
