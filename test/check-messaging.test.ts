/**
 * Goal: the models of delivery and membership hold what they claim: with a fault in one of their
 * machines each claim is broken (AF-8, CM-3, CM-5, CM-6).
 * Method: one fault at a time, and the claim that finds it. The models themselves, with the size of
 * their spaces, are among those of check-models.
 */
import { checkModel, replay } from 'interplex/check';
import type { Model, ModelActor } from 'interplex/check';
import { membershipMachine, pathMachine } from 'interplex/actors';
import { deliveryModel } from '#internal/check/models/delivery';
import { receivingEndMachine } from '#internal/check/models/delivery-ends';
import { membershipModel } from '#internal/check/models/membership';
import { watchedMachine } from '#internal/check/models/membership-observer';
import { expect, test } from 'vitest';
import type { AnyStateMachine } from 'xstate';
import { mutantsOf } from './support/mutants.ts';

const timeout = 60_000; // ms; other tests share the cores.

async function violationOf(model: Model<Readonly<Record<string, ModelActor>>>) {
  const report = await checkModel(model);
  if (report.outcome !== 'violated') throw new Error(`It ${report.outcome}.`);
  return report.violation;
}

/** The machine with these changes, by the names that mutants have. */
const changed = <Machine extends AnyStateMachine>(machine: Machine, ...names: string[]): Machine =>
  names.reduce((last, name) => {
    const mutant = mutantsOf(last).find((one) => one.name === name);
    if (!mutant) throw new Error(`There is no mutant "${name}".`);
    return mutant.machine;
  }, machine);

const one = { observers: 1, failures: 2 };

test(
  'CM-3 a way that is held reachable though it misses every answer is found',
  async () => {
    const path = changed(pathMachine, 'reachable: on answer.missed: removed');
    const model = deliveryModel({ count: 1, path });
    const { kind, property, trace } = await violationOf(model);
    expect([kind, property]).toEqual(['may never come', 'each message is given']);
    expect(trace?.steps.some(({ event }) => event?.type === 'cut')).toBe(true);
  },
  timeout,
);
test(
  'CM-3 a receiver that takes what it has for new is found',
  async () => {
    const receiving = receivingEndMachine.provide({ guards: { isNext: () => true } });
    const network = { order: 'none', loss: 'possible', duplication: 'possible' } as const;
    const model = deliveryModel({ count: 1, receiving, network, isOfRuns: false });
    const found = await violationOf(model);
    expect(found.property).toBe('a message is given twice');
    expect(replay(model, found.trace!).broken).toContain(found.property);
  },
  timeout,
);
test('CM-5 a death that is not declared is found', async () => {
  const membership = changed(membershipMachine, 'dead: no entry declareGone');
  const model = membershipModel({ ...one, membership });
  const found = await violationOf(model);
  expect(found.property).toBe('who is dead to an observer was not declared gone by anybody');
  expect(replay(model, found.trace!).broken).toContain(found.property);
});
test('CM-6 an observer that holds one dead for ever that answers is found', async () => {
  const membership = changed(
    membershipMachine,
    'dead: on peer.heard: removed',
    'dead: on row.renewed: removed',
  );
  const model = membershipModel({ ...one, membership });
  // Of whole runs alone: that it is never alive again is found, too, and first.
  const properties = model.properties.filter((claim) => 'leadsTo' in claim);
  const { kind, property } = await violationOf({ ...model, properties });
  expect([kind, property]).toEqual([
    'may never come',
    'observer-1 does not hold one dead for ever that answers',
  ]);
});
test('CM-5 a node that does not refute is found', async () => {
  const watched = watchedMachine.provide({ guards: { isAccused: () => false } });
  const { kind, property } = await violationOf(membershipModel({ ...one, watched }));
  expect([kind, property]).toEqual(['never held', 'it refutes that, and is alive again']);
});
