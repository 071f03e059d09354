/**
 * Goal: the composed models hold what they claim: of each machine in them every guard, timer,
 * target, action and transition counts (AF-8, CT-7, CT-14).
 * Method: one of them at a time is taken out or changed, and the small models are checked until one
 * is violated. What none of them sees is excused by name; each of those that is not equivalent is
 * seen by the claims on its machine alone. Here every third is tried; `INTERPLEX_CHECK=all`, as
 * `npm run soak -- check` has it, tries all, and shows that the excused are needed.
 */
import { incomingTransferMachine, outgoingTransferMachine, vipaMachine } from 'interplex/actors';
import { checkModel } from 'interplex/check';
import type { Model, ModelActor } from 'interplex/check';
import { takeoverModel } from '#internal/check/models/takeover';
import { transferModel } from '#internal/check/models/transfer';
import { describe, expect, test } from 'vitest';
import type { AnyStateMachine } from 'xstate';
import { mutantsOf, unmutated } from './support/mutants.ts';

type Models = readonly Model<Readonly<Record<string, ModelActor>>>[];
const isAll = process.env['INTERPLEX_CHECK'] === 'all';
const timeout = 60_000; // ms; other tests share the cores.
const whole = { isCalledOff: true, isWatched: true, isOfRuns: true };
const faults = { order: 'none', loss: 'possible', duplication: 'possible' } as const;

/** What is violated; states without end, and a step that throws, count as such. */
async function findingIn(models: Models): Promise<string | undefined> {
  for (const model of models) {
    const limits = { states: 100_000, timeMs: 10_000 };
    const finding = await checkModel({ ...model, limits }).then(
      (report) => (report.outcome === 'violated' ? report.violation.property : report.outcome),
      (error: unknown) => String(error),
    );
    if (finding !== 'passed') return finding;
  }
  return undefined;
}

function prove<Machine extends AnyStateMachine>(
  machine: Machine,
  modelsOf: (mutant: Machine) => Models,
  excuses: Readonly<Record<string, readonly string[]>>,
) {
  const excused = Object.values(excuses).flat();
  const mutants = mutantsOf(machine);
  const seen = mutants.filter(({ name }) => !excused.includes(name));
  const caught = seen.filter((_, index) => isAll || index % 3 === 0);
  test(
    'AF-8 the machine made again without a change is right',
    async () => expect(await findingIn(modelsOf(unmutated(machine)))).toBeUndefined(),
    timeout,
  );
  test.each(caught)(
    'AF-8 mutant: $name',
    async ({ machine: mutant }) => expect(await findingIn(modelsOf(mutant))).toBeDefined(),
    timeout,
  );
  test('AF-8 each that is excused is one', () =>
    expect(mutants.map(({ name }) => name)).toEqual(expect.arrayContaining(excused)));
  const rest = mutants.filter(({ name }) => isAll && excused.includes(name));
  test.each(rest)(
    'AF-8 excused: $name',
    async ({ machine: mutant }) => expect(await findingIn(modelsOf(mutant))).toBeUndefined(),
    timeout,
  );
}

const excusedOfGiver = {
  'An attempt being left, it goes on to choosing at once.': ['underway: starts in retrying'],
  'Nothing is frozen before an acceptance.': [
    'underway.offered.unanswered: after answerLimit: no thaw',
  ],
  'Who has confirmed has won custody, so that there is no later attempt.': [
    'underway.committed: on transfer.confirmed: no guard',
  ],
  'Custody answers each asking alike: to ask it twice is in vain, and harmless.': [
    'underway: after deadline (1): removed',
  ],
  'It only ends later, by another limit.': [
    'underway.offered.unanswered: after answerLimit: removed',
    'underway.committed.unconfirmed: on offer.rejected: removed',
    'underway.committed.unconfirmed: after confirmLimit: removed',
  ],
  'The target only keeps its place until that expires.': [
    'underway: after deadline (2): no cancelOffer',
    'underway: after deadline (3): no cancelOffer',
    'underway.offered.unanswered: after answerLimit: no cancelOffer',
    'underway.committed.unconfirmed: after confirmLimit: no cancelOffer',
  ],
  'A target that is lost hears of no cancellation.': [
    'underway.offered: on target.lost: no cancelOffer',
  ],
  'A client called off is moved all the same, whole; or is refused later.': [
    'underway.choosing: on client.unmovable: removed',
    'underway.choosing: on cancel: removed',
    'underway.offered: on cancel: removed',
    'underway.committed: on client.unmovable: removed',
    'underway.committed: on client.unmovable: no exhaustAttempts',
    'underway.committed: on cancel: removed',
    'underway.committed: on cancel: no exhaustAttempts',
    'underway.choosing: on target.none: to #outgoingTransfer.underway',
  ],
  'Another reason is told than the one there was.': [
    'underway: after deadline (4): no noteRefusal',
    'underway.choosing: on target.none: no noteRefusal',
    'underway.choosing: on client.unmovable: no noteRefusal',
    'underway.choosing: on cancel: no noteRefusal',
    'underway.committed: on client.unmovable: no noteRefusal',
    'underway.committed: on cancel: no noteRefusal',
  ],
};

describe('CT-7 the giver’s side', () => {
  const modelsOf = (outgoing: typeof outgoingTransferMachine) => [
    transferModel({ ...whole, isPrompt: true, outgoing }),
    transferModel({ ...whole, outgoing }),
    transferModel({ ...whole, isSlow: true, outgoing }),
  ];
  prove(outgoingTransferMachine, modelsOf, excusedOfGiver);
});

describe('CT-6 the target’s side', () => {
  const modelsOf = (incoming: typeof incomingTransferMachine) => [
    transferModel({ ...whole, isPrompt: true, incoming }),
    transferModel({ ...whole, incoming }),
    transferModel({ ...whole, attempts: [1], network: faults, incoming }),
  ];
  prove(incomingTransferMachine, modelsOf, {
    'The giver only learns of it by its own limit.': [
      'offered.considered: after considerLimit: no sendReject',
      'offered.reserved: after reserveLimit: no sendReject',
    ],
    'Who misses it was given up already: nobody waits for the word.': [
      'claiming: on custody.missed: no sendReject',
    ],
  });
});

describe('CT-14 a VIPA', () => {
  const modelsOf = (vipa: typeof vipaMachine) => [
    takeoverModel({ vipa }),
    takeoverModel({ vipa, takeback: 'immediate', isTroubled: true, isSlow: true }),
    takeoverModel({ vipa, isTroubled: true }),
    takeoverModel({ vipa, nodes: 3, crashes: 2, restarts: 2 }),
  ];
  prove(vipaMachine, modelsOf, {
    'A backup that asks at its start comes after the owner, which is there first.': [
      'vipa: starts in acquiring',
    ],
    'Both are final, and nobody outside sees in which it ended.': [
      'vipa: on revoke: to #vipa.failed',
      'abandoning: on lease.granted: to #vipa.failed',
      'abandoning: on lease.denied: to #vipa.failed',
    ],
    'It is settled later, when it serves.': ['denied: no entry reportSettled'],
    'It only asks later, after its pause.': ['denied: on lease.freed: removed'],
    'Nobody takes the lease of a node that lives.': [
      'owner: on lease.lost: removed',
      'owner: on lease.lost: no guard',
      'owner: on lease.lost: to #vipa.acquiring',
    ],
    'A listener ends with its epoch, and what it would have said with it.': [
      'owner: on listener.failed: no guard',
      'owner.listening.opening: on listener.opened: no guard',
    ],
  });
});
