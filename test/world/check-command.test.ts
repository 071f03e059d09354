/**
 * Goal: AF-8: `interplex check` tells what each model came to, and what is no pass is no success.
 * Method: the command as it is installed, in a process of its own.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const command = fileURLToPath(new URL('../../dist/src/cli/main.js', import.meta.url));

function start(...args: string[]) {
  const child = spawn(process.execPath, [command, 'check', ...args]);
  const [out, err] = [text(child.stdout), text(child.stderr)];
  const ended = async () => {
    const [code] = (await once(child, 'close')) as [number | null];
    return { code, out: await out, err: await err };
  };
  return { child, ended: ended() };
}

test('AF-8 a model that holds is a line of JSON, and a success', async () => {
  const { code, out, err } = await start('takeover-of-three', '--json').ended;
  expect({ code, err }).toEqual({ code: 0, err: '' });
  const result = JSON.parse(out) as Record<string, unknown>;
  expect(result).toMatchObject({ name: 'takeover-of-three', outcome: 'passed' });
  expect(result['states']).toBeGreaterThan(1_000);
});

test('AF-8 asked to stop it tells what was covered, which is no success', async () => {
  const { child, ended } = start('two-transfers');
  // It takes some twenty seconds, and hears signals once it is loaded.
  setTimeout(() => child.kill('SIGINT'), 5_000);
  const { code, out } = await ended;
  expect(code).toBe(1);
  expect(out).toMatch(/^two-transfers: not all seen: stopped; [\d,]+ states/);
});

test('AF-8 AF-9 an unknown model is called by those that there are', async () => {
  const { code, err } = await start('nothing').ended;
  expect(code).toBe(2);
  expect(err).toMatch(/IPX_MODEL_UNKNOWN: There is no model "nothing"\. There are transfer, /);
});
