/**
 * Goal: CT-14: a listener that cannot open says so to its machine, and throws at nobody.
 * Method: a process of its own, which has used up its descriptors (see `descriptor-famine`).
 */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const famine = fileURLToPath(new URL('../support/descriptor-famine.ts', import.meta.url));

test('CT-14 AF-9 without a descriptor left a listener is refused by name', async () => {
  const command = 'ulimit -n 128 && exec "$0" --import tsx "$1"';
  const { stdout } = await promisify(execFile)('sh', ['-c', command, process.execPath, famine]);
  expect(JSON.parse(stdout)).toEqual(Array.from({ length: 3 }, () => 'IPX_ADDRESS_UNUSABLE'));
});
