/**
 * Goal: a routing application opens its channel when its module is loaded, says so, and on draining
 * lets its clients go before it closes; it closes once, whatever fails (CT-12, AF-5).
 * Method: walk the shipped machine over all that its environment may do; each claim is an
 * implication over every step, and each mutant must break one.
 */
import { environment, routingApplicationMachine as machine } from 'interplex/actors';
import type { ApplicationName } from '#actors/vocabulary';
import { explore } from 'interplex/check';
import { expect, test } from 'vitest';
import { claimApplicationLife } from './support/application-claims.ts';
import { claimsOn } from './support/machine-claims.ts';
import { sizeOf } from './support/step-words.ts';

type Machine = typeof machine;
const application = 'lobby' as ApplicationName;
const input = { application, drainMs: 1_000 };
const walkOf = (shipped: Machine) =>
  explore(shipped, { input, environment: environment.routingApplication, limit: 1_000 });

const claims = claimsOn(machine, walkOf);

test('the walked space is the one that was reviewed', () => {
  expect(sizeOf(walkOf(machine))).toMatchInlineSnapshot(`
    {
      "depth": 3,
      "states": 6,
      "stirring": 9,
    }
  `);
});
claimApplicationLife({ claims, application, open: 'routing' });

claims.prove();
