/**
 * A node whose own application blocks its event loop for two seconds: how long after that all hold
 * it alive again. If it accused anybody, was declared gone or needed another life, there is no
 * figure: it throws. memberlist without Lifeguard fails that (Dadgar, Phillips, Currey 2018).
 */
import { newMessenger } from '#internal/cluster/new-messenger';
import type { Messenger } from '#internal/messaging/messenger';
import type { Blocked, BlockedNode } from '../../support/blocked-node.ts';
import { askThread, startThread } from '../../support/thread-call.ts';
import { less } from '../report.ts';
import type { Group } from '../suite.ts';

const name = 'an event loop blocked for 2 s: held alive by all again after, worst';
const blockedMs = 2_000;
const suspectedWithinMs = 8_000;
const port = 46_400;
const madeKey = new Uint8Array(32).fill(1);
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

const optionsOf = (last: number) => ({
  node: `n${last}`,
  madeKey,
  adapters: [4, 5].map((network) => ({ address: `127.0.${network}.${last}`, port })),
  seeds: [`127.0.4.1:${port}`],
});
const seenBy = (messenger: Messenger) => messenger.members().find(({ node }) => node === 'n9');
const isAliveTo = (others: readonly Messenger[]) =>
  others.every((messenger) => seenBy(messenger)?.status === 'alive');

/** By one of them; later than in two seconds where they stood still themselves meanwhile. */
async function suspected(others: readonly Messenger[]): Promise<void> {
  const until = performance.now() + suspectedWithinMs;
  while (isAliveTo(others)) {
    if (performance.now() > until) throw new Error('Nobody suspected it: it was not blocked.');
    await pause(5);
  }
}

export const suspicionGroup: Group = {
  names: [name],
  measure: async (scale) => {
    const others = [1, 2, 3].map((last) => newMessenger(optionsOf(last)));
    await Promise.all(others.map((messenger) => messenger.start()));
    const released = new Int32Array(new SharedArrayBuffer(4));
    const node: BlockedNode = { options: optionsOf(9), released };
    await startThread(new URL('../../support/blocked-node.ts', import.meta.url), node);
    while (!isAliveTo(others)) await pause(5);
    const incarnation = seenBy(others[0]!)?.incarnation;
    const samples: number[] = [];
    for (let round = 0; round < (scale === 'full' ? 6 : 1); round += 1) {
      Atomics.store(released, 0, 0);
      const blocked = askThread<Blocked>('n9', { type: 'block' });
      await pause(blockedMs);
      await suspected(others);
      const releasedAt = performance.now();
      Atomics.store(released, 0, 1);
      Atomics.notify(released, 0);
      while (!isAliveTo(others)) await pause(1);
      samples.push(performance.now() - releasedAt);
      const { accusations } = await blocked;
      if (accusations.length > 0) throw new Error(`It accused: ${JSON.stringify(accusations)}`);
      if (seenBy(others[0]!)?.incarnation !== incarnation) throw new Error('It has begun anew.');
    }
    await askThread('n9', { type: 'close' });
    await Promise.all(others.map((messenger) => messenger.close()));
    const bound = { peer: 'a bound', peerValue: 1_000, target: 1 };
    return [less({ name, unit: 'ms', value: Math.max(...samples), ...bound })];
  },
};
