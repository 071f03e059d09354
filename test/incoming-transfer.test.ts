/**
 * Goal: the target's side of a transfer uses a client only when custody says that it is its own,
 * serves it once or lets go of everything, and tells the giver (CT-5, CT-6).
 * Method: walk the shipped machine over all that its environment may do; each claim is an
 * implication over every step, and each mutant must break one.
 */
import { environment, incomingTransferMachine as machine } from 'interplex/actors';
import type { NodeId, TransferId } from '#actors/vocabulary';
import { explore, outOfReach } from 'interplex/check';
import type { State, Step } from 'interplex/check';
import { expect, test } from 'vitest';
import { claimsOn, unlike } from './support/machine-claims.ts';
import { comes, does, isDone, isTimer, performed, sizeOf, told } from './support/step-words.ts';

type Machine = typeof machine;
const limits = { considerMs: 100, reserveMs: 100 };
const input = { transfer: 1 as TransferId, attempt: 0, giver: 'edge' as NodeId, limits };
const walkOf = (shipped: Machine) =>
  explore(shipped, { input, environment: environment.incomingTransfer, limit: 1_000 });

const { claim, whenever, throughout, prove } = claimsOn(machine, walkOf);

const isConsidered = (state: State<Machine>) => state.matches({ offered: 'considered' });
const isReserved = (state: State<Machine>) => state.matches({ offered: 'reserved' });
const rejection = (step: Step<Machine>) => told(step, 'sendReject') as { code: string } | undefined;

test('the walked space is the one that was reviewed', () => {
  expect(sizeOf(walkOf(machine))).toMatchInlineSnapshot(`
    {
      "depth": 4,
      "states": 6,
      "stirring": 13,
    }
  `);
});
claim('every state is entered and every transition taken', ({ coverage }) =>
  unlike(coverage, { unentered: [], untaken: [] }),
);

claim('CT-5 the application is told first of all, and of nothing else', ({ start, steps }) => {
  return unlike([performed(start), steps.filter(does('consider'))], [['consider'], []]);
});
whenever(
  'CT-5 an acceptance reaches the giver',
  (step) => isConsidered(step.state) && comes('application.accepted')(step),
  (step) => isReserved(step.nextState) && performed(step).join() === 'sendAccept',
);
whenever(
  'CT-5 nothing else is an acceptance',
  does('sendAccept'),
  (step) => isConsidered(step.state) && comes('application.accepted')(step),
);
whenever(
  'CT-5 a rejection reaches the giver with its reason',
  (step) => isConsidered(step.state) && comes('application.rejected')(step),
  (step) =>
    'refusal' in step.event &&
    rejection(step)?.code === step.event.refusal.code &&
    step.nextState.matches('released'),
);
whenever(
  'CT-7 silence of the application is a rejection, and so is a place kept for too long',
  (step) => isTimer(step),
  (step) => rejection(step)?.code === 'IPX_TARGET_SILENT' && step.nextState.matches('released'),
);
throughout('CT-7 the application’s silence is bounded', isConsidered, ({ timers }) =>
  timers.some((timer) => timer.includes('.considerLimit.')),
);
throughout('CT-7 the giver’s silence is bounded', isReserved, ({ timers }) =>
  timers.some((timer) => timer.includes('.reserveLimit.')),
);
whenever(
  'CT-7 an offer cancelled, or whose giver is lost, before the commit is let go',
  (step) => comes('offer.cancelled', 'giver.lost')(step) && step.state.matches('offered'),
  (step) => step.nextState.matches('released') && performed(step).join() === 'dismiss',
);
whenever(
  'CT-6 after the commit the giver’s words change nothing: custody decides',
  (step) => comes('offer.cancelled', 'giver.lost')(step) && !step.state.matches('offered'),
  ({ stirs }) => !stirs,
);

whenever(
  'CT-6 a commit to a place that is kept is claimed in custody',
  (step) => isReserved(step.state) && comes('transfer.committed')(step),
  (step) => performed(step).join() === 'claim' && step.nextState.matches('claiming'),
);
whenever(
  'CT-6 nothing else is claimed',
  does('claim'),
  (step) => isReserved(step.state) && comes('transfer.committed')(step),
);
whenever(
  'CT-6 a client claimed in custody is adopted',
  (step) => comes('custody.claimed')(step) && step.state.matches('claiming'),
  (step) => step.nextState.matches('adopting') && performed(step).join() === 'adopt',
);
whenever(
  'CT-6 no other client is',
  (step) =>
    does('adopt')(step) || (!step.state.matches('adopting') && step.nextState.matches('adopting')),
  (step) => comes('custody.claimed')(step) && step.state.matches('claiming'),
);
whenever(
  'CT-6 beaten in custody, the giver is told, and nothing is adopted',
  (step) => comes('custody.missed')(step) && step.state.matches('claiming'),
  (step) => rejection(step)?.code === 'IPX_CUSTODY_LOST' && step.nextState.matches('released'),
);
whenever(
  'CT-6 a client adopted is served, and the giver is told',
  (step) => comes('client.adopted')(step) && step.state.matches('adopting'),
  (step) => step.nextState.matches('served') && performed(step).join() === 'serve,confirm',
);
whenever(
  'CT-6 a client that broke while adopted is nobody’s any more: the giver may forget it',
  (step) => comes('client.broken')(step) && step.state.matches('adopting'),
  (step) => step.nextState.matches('released') && performed(step).join() === 'confirm,dismiss',
);
whenever('CT-6 it is confirmed only what custody gave', does('confirm'), ({ state }) =>
  state.matches('adopting'),
);
whenever(
  'CT-6 the end is to serve, once, or to dismiss',
  ({ nextState }) => isDone(nextState),
  (step) => {
    const ends = performed(step).filter((name) => name === 'serve' || name === 'dismiss');
    return ends.join() === (step.nextState.matches('served') ? 'serve' : 'dismiss');
  },
);
whenever(
  'CT-6 neither comes before the end',
  (step) => does('serve')(step) || does('dismiss')(step),
  ({ nextState }) => isDone(nextState),
);

claim('CT-7 each offer ends, though giver and application are silent for ever', (walk) => {
  const isSure = (step: Step<Machine>) =>
    isTimer(step) || comes('custody.claimed', 'custody.missed', 'client.adopted')(step);
  return unlike(outOfReach(walk, isDone, { by: isSure }), []);
});

prove();
