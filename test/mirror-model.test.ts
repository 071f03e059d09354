/**
 * Goal: what a mirror's plain code must not do is seen by its model (DP-10).
 * Method: one thing at a time is done wrong in the model, and the claim that it breaks is named.
 */
import { checkModel } from 'interplex/check';
import { mirrorModel } from '#internal/check/models/mirror';
import { expect, test } from 'vitest';

const timeout = 60_000; // ms; other tests share the cores.

test.each(['markedLate', 'unreserved'] as const)(
  'DP-10 a source that is %s loses a block, and that is found',
  async (fault) => {
    const report = await checkModel(mirrorModel({ plan: [0], crashes: 0, cuts: 1, fault }));
    expect(report).toMatchObject({
      outcome: 'violated',
      violation: { property: 'a block differs at a target and is not marked for it' },
    });
  },
  timeout,
);
