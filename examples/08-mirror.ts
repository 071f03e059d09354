/**
 * A file is mirrored while it is written; the line is cut and mended, what was missed is sent, and
 * both sides are compared.
 * Run: npx tsx examples/08-mirror.ts
 */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { mirrorFile, receiveMirrors, startNode } from 'interplex';

const folder = mkdtempSync(join(tmpdir(), 'interplex-mirror-'));
const file = join(folder, 'volume');
writeFileSync(file, Buffer.alloc(20_000_000, 'what was there before. '));

const quiet = { applications: {}, log: { level: 'silent' } } as const;
const hall = await startNode({ id: 'hall', ...quiet });
const edge = await startNode({ id: 'edge', ...quiet });
const target = await receiveMirrors(hall, { into: join(folder, 'replica') });

// A line to the target that can be cut.
const sockets = new Set<Socket>();
let isCut = false;
const line = createServer((near) => {
  if (isCut) return near.destroy();
  const far = connect({ port: 0, ...target.addresses[0] });
  for (const socket of [near, far]) sockets.add(socket.on('error', () => {}));
  return near.pipe(far).pipe(near);
}).listen(0, '127.0.0.1');
await new Promise((resolve) => line.once('listening', resolve));
const { port } = line.address() as AddressInfo;

const to = { node: 'hall', address: '127.0.0.1', port };
const mirror = await mirrorFile(edge, { file, to, links: 1 }); // Another would find its own way.
mirror.register({ onEvent: ({ phase, reason }) => console.log('-', phase, reason) });
await mirror.whenLevel();
console.log('copied', mirror.figures.copiedBytes, 'bytes');

let writes = 0;
const writing = setInterval(() => {
  writes += 1;
  void mirror.write((writes * 7_919) % 19_000_000, Buffer.from(`write ${writes}. `));
}, 1);
await setTimeout(500);
console.log('the line is cut after', writes, 'writes');
isCut = true;
for (const socket of sockets) socket.destroy();
await setTimeout(2_500);
console.log('it is mended after', writes);
isCut = false;
await setTimeout(500);
clearInterval(writing);
await mirror.flush();
console.log('sent again', mirror.figures.resentBytes, 'bytes; written', writes, 'times');
console.log(await mirror.verify());
await mirror.close();
line.close();
await Promise.all([target.close(), edge.stop(), hall.stop()]);
