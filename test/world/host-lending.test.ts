/**
 * Goal: SP-6: a given port that is free is had whoever leases its block, a process of the host
 * too; SP-5: it outlives who lent it, and comes back once.
 * Method: nodes with seats of their own, and real processes, which are killed while a port is lent.
 */
import type { Node } from 'interplex';
import { expect, test } from 'vitest';
import { matching } from '../support/matching.ts';
import { Host, leaseAll, settings } from '../support/ports-host.ts';
import { until } from '../support/until.ts';

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
