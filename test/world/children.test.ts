/**
 * Goal: a child process that an application starts inherits no client's connection: it would keep
 * it open, and the client would never see its end.
 * Method: a child is started in this very process while clients are accepted, moved and in flight;
 * it lives on when they are ended.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { canListDescriptors, socketsOf } from '../support/descriptors.ts';
import { openAllGates } from '../support/gates.ts';
import { reach } from '../support/phases.ts';
import { Testbed } from '../support/testbed.ts';

let bed: Testbed;
beforeAll(async () => {
  bed = await Testbed.start();
});
afterAll(() => bed.stop());

test.skipIf(!canListDescriptors)('CT-16 a child process inherits no connection', async () => {
  const accepted = await bed.connect();
  const moved = await bed.connectTo('hall-1');
  const again = await bed.connectTo('hall-1');
  again.tell({ do: 'transfer', prefer: ['hall-2'] });
  await again.ask({ do: 'echo', text: 'there' });
  const inFlight = await bed.connect();
  await reach(bed, inFlight, 'committed'); // Its duplicate belongs to no socket of ours.

  const idle = "process.stdout.write('ready'); setInterval(() => {}, 1000)";
  const child = spawn(process.execPath, ['--eval', idle], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  expect(socketsOf(child.pid ?? 0)).toEqual([]);

  openAllGates();
  for (const client of [accepted, moved, again, inFlight]) {
    client.tell({ do: 'end' });
    expect(await client.over(1_000)).toBe('end');
  }
  expect(child.exitCode).toBeNull();
});
