/**
 * Goal: AF-7: the inspector watches for hours at the memory of a minute, whoever comes and goes.
 * Method: the demo with clients that move without pause, while pages open, read and leave, one of
 * them never reading; the memory of its process after a while and at the end.
 * `IPX_INSPECT_SECONDS` is how long; `npm run soak -- inspect` takes an hour.
 */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { MovingClients } from '../bench/inspect/moving-clients.ts';
import { startDemo, type Demo } from '../support/demo.ts';
import { InspectingClient } from '../support/inspecting.ts';

const seconds = Number(process.env['IPX_INSPECT_SECONDS'] ?? 3);
const patienceMs = seconds * 1_000 + 30_000;

let demo: Demo;
beforeAll(async () => {
  demo = await startDemo('--inspect-port', '0');
});
afterAll(() => demo.stop());

/** Resident memory of the demo's process, in MiB (proc(5)). */
const memoryMib = (): number => {
  const status = readFileSync(`/proc/${demo.pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1_024;
};

test.skipIf(process.platform !== 'linux')(
  'AF-7 memory stays flat while pages come and go and clients move',
  async () => {
    const port = demo.endpoints['chat']?.port ?? 0;
    const clients = new MovingClients(port, 20);
    const deaf = new InspectingClient(demo.inspectorUrl);
    deaf.socket.on('open', () => deaf.socket.pause());
    const samples: number[] = [];
    const endMs = performance.now() + seconds * 1_000;
    while (performance.now() < endMs) {
      const page = new InspectingClient(demo.inspectorUrl);
      await page.find(({ type }) => type === '@xstate.snapshot');
      expect(await clients.rate(1_000)).toBeGreaterThan(0);
      page.close();
      samples.push(memoryMib());
    }
    clients.close();
    deaf.close();
    // After a third all that is kept is full; the rest must add nothing.
    const { length } = samples;
    const began = samples.slice(Math.floor(length / 3), Math.ceil(length / 2));
    const ended = samples.slice(-Math.ceil(length / 6));
    const growthMib = Math.min(...ended) - Math.min(...began);
    expect(growthMib).toBeLessThan(64);
  },
  patienceMs,
);
