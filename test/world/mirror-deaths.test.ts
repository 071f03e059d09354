/**
 * Goal: whichever side of a mirror is killed at whatever moment, the replica is the first so many
 * writes of the source, or says that it is not; in the end both are equal (DP-10).
 * Method: two real processes, killed at moments that a seed names; after each death the replica is
 * looked at as its receiver would find it. `IPX_MIRROR_KILLS`: how many deaths; 3 by default.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Replica } from '#internal/data-port/mirror-replica';
import { expect, onTestFinished, test } from 'vitest';
import { prefixOf } from '../support/mirror/numbered-file.ts';
import { randomOf } from '../support/random.ts';

const kills = Number(process.env['IPX_MIRROR_KILLS'] ?? 3);
const timeout = 30_000 + kills * 5_000; // ms; other tests share the cores.
const seed = 7;
const pathOf = (name: string) => fileURLToPath(new URL(`../../${name}`, import.meta.url));

/** A process, and each of its lines as it comes. */
class Speaker {
  readonly child: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  constructor(args: readonly string[]) {
    this.child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    onTestFinished(() => void this.child.kill('SIGKILL'));
    this.#lines = createInterface(this.child.stdout!)[Symbol.asyncIterator]();
  }

  /** The first line from now on that the pattern fits. */
  async says(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const next = (await this.#lines.next()) as IteratorResult<string, undefined>;
      if (next.done === true) throw new Error(`It ended before it said ${String(pattern)}.`);
      const found = pattern.exec(next.value);
      if (found) return found;
    }
  }

  async kill(): Promise<void> {
    const gone = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await gone;
  }
}

const writerOf = (file: string, port: string) =>
  new Speaker(['--import', 'tsx', pathOf('test/support/mirror/writer.ts'), file, port, '1']);
const receiverOf = (into: string, port: string) => {
  const place = ['--receive', into, '--listen', `127.0.0.1:${port}`];
  return new Speaker([pathOf('dist/src/cli/main.js'), 'mirror', ...place]);
};

/** What a receiver finds after the death of another: the writes, if it says that they are whole. */
async function foundAt(path: string): Promise<number | undefined> {
  const replica = await Replica.open(path, false);
  const { isConsistent } = replica.standing;
  await replica.close();
  return isConsistent ? prefixOf(path) : undefined;
}

test(
  'DP-10 killed at any moment, either side goes on, and the replica is a prefix of the writes',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'interplex-mirror-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const [file, into] = [join(folder, 'volume'), join(folder, 'replicas')];
    const replica = join(into, 'volume');
    writeFileSync(file, '');
    mkdirSync(into);
    const random = randomOf(seed);
    let receiver = receiverOf(into, '0');
    const [, port = ''] = await receiver.says(/:(\d+)$/);
    let writer = writerOf(file, port);
    await writer.says(/begun/);
    let last = 0;
    for (let death = 0; death < kills; death += 1) {
      if (death % 2 === 0) {
        const [, flushed = ''] = await writer.says(/flushed (\d+)/);
        last = Number(flushed); // What was flushed is there from now on.
      }
      await new Promise((resolve) => setTimeout(resolve, random.below(150)));
      const isWriters = random.below(2) === 0;
      if (isWriters) await writer.kill();
      await receiver.kill();
      const found = await foundAt(replica);
      expect(found, `death ${death} of seed ${seed}`).not.toBe(-1);
      const count = found ?? last; // In the middle of a resynchronisation it is no prefix.
      expect(count).toBeGreaterThanOrEqual(last);
      last = count;
      receiver = receiverOf(into, port);
      await receiver.says(/receiving/);
      if (!isWriters) continue;
      writer = writerOf(file, port);
      await writer.says(/begun/);
    }
    writer.child.stdin!.write('end\n');
    const [, number, isEqual] = await writer.says(/ended at (\d+) (\w+)/);
    expect(isEqual).toBe('true');
    receiver.child.kill('SIGTERM');
    await once(receiver.child, 'exit');
    expect(prefixOf(file)).toBe(Number(number));
    expect(readFileSync(replica).equals(readFileSync(file))).toBe(true);
    expect(last).toBeGreaterThan(0);
  },
  timeout,
);
