/**
 * A process that mirrors a file which it writes, until it is killed: what it has written it says,
 * by number. Arguments: the file, the target's port, the seed. Standard input `end`: it flushes,
 * verifies, says what came of it and ends.
 */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mirrorFile } from 'interplex';
import { LonePorts } from '#internal/cluster/lone-ports';
import { slotOf, slots } from './numbered-file.ts';

const [file = '', port = '', pause = '0'] = process.argv.slice(2);
const ports = new LonePorts({ name: 'writer' });
const to = { node: 'mirror', address: '127.0.0.1', port: Number(port) };
const mirror = await mirrorFile(ports, { file, to, blockBytes: 4_096, backlogBytes: 65_536 });

const before = readFileSync(file);
let number = 0;
for (let slot = 0; slot < slots; slot += 1) {
  const at = slotOf(slot + slots).offset;
  if (at + 4 <= before.length) number = Math.max(number, before.readUInt32LE(at));
}
const over = new AbortController();
void once(process.stdin, 'data').then(() => over.abort());
console.log(`begun at ${number}`);
while (!over.signal.aborted) {
  number += 1;
  const { offset, bytes } = slotOf(number);
  await mirror.write(offset, bytes);
  if (number % 200 === 0) {
    await mirror.flush();
    console.log(`flushed ${number}`);
  }
  if (number % 50 === 0) await new Promise((resolve) => setTimeout(resolve, Number(pause)));
}
await mirror.flush();
const { isEqual } = await mirror.verify();
console.log(`ended at ${number} ${isEqual}`);
await mirror.close();
await ports.close();
process.exit(0);
