/**
 * Goal: AF-4: an ask may wait longer than a timer of Node can, and costs nothing meanwhile.
 * Method: the times that its timer is set for, of an ask that nobody answers.
 */
import { expect, onTestFinished, test, vi } from 'vitest';
import { Asks } from '#internal/runtime/asks';
import type { ActorReference } from '#internal/runtime/actor-reference';

const timerMsMax = 2 ** 31 - 1;

test('AF-4 an ask may wait for longer than a timer can', async () => {
  const setTimer = vi.spyOn(globalThis, 'setTimeout');
  onTestFinished(() => setTimer.mockRestore());
  const asks = new Asks({
    dispatch: () => undefined,
    post: () => undefined,
    turn: () => undefined,
    onSuspect: () => undefined,
  });
  const to = { address: 'b/echo#1', node: 'b' } as ActorReference;
  const answer = asks.ask(to, { type: 'hello' }, { timeoutMs: 2 * timerMsMax });
  asks.close();
  await expect(answer).rejects.toMatchObject({ code: 'IPX_ACTOR_LOST' });
  expect(setTimer.mock.calls.map(([, waitMs]) => waitMs)).toEqual([timerMsMax]);
});
