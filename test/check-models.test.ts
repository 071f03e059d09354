/**
 * Goal: transfers and takeovers are right as they run together, not each machine alone: CT-6, CT-7
 * and CT-14 under crashes, loss, repetition and any order (AF-8).
 * Method: the shipped models, with the size of each space; then a fault in each, with its trace.
 * `INTERPLEX_CHECK=all` walks the larger ones, too.
 */
import { checkModel, models, replay } from 'interplex/check';
import type { Model, ModelActor } from 'interplex/check';
import { outgoingTransferMachine, vipaMachine } from 'interplex/actors';
import { sharedClientMachine } from '#internal/check/models/shared-client';
import { sharedLeaseMachine } from '#internal/check/models/shared-lease';
import { takeoverModel } from '#internal/check/models/takeover';
import { transferModel } from '#internal/check/models/transfer';
import { describe, expect, test } from 'vitest';
import { assign } from 'xstate';
import type { AnyStateMachine } from 'xstate';

type Actors = Readonly<Record<string, ModelActor>>;
const isAll = process.env['INTERPLEX_CHECK'] === 'all';
const timeout = 120_000; // ms; other tests share the cores.

const figures: Readonly<Record<string, { states: number; tried: number; depth: number }>> = {
  transfer: { states: 30_827, tried: 102_858, depth: 19 },
  'transfer-prompt': { states: 1_788, tried: 3_707, depth: 16 },
  'transfer-relayed': { states: 45_847, tried: 181_586, depth: 22 },
  'transfer-faults': { states: 112_843, tried: 691_029, depth: 24 },
  'two-transfers': { states: 1_250_366, tried: 7_760_178, depth: 29 },
  'two-transfers-faults': { states: 527_269, tried: 3_569_349, depth: 27 },
  takeover: { states: 254_080, tried: 1_096_308, depth: 29 },
  'takeover-slow': { states: 425_880, tried: 1_833_920, depth: 35 },
  'takeover-of-three': { states: 32_739, tried: 153_543, depth: 27 },
  delivery: { states: 8_369, tried: 35_550, depth: 17 },
  'delivery-faults': { states: 11_028, tried: 80_662, depth: 21 },
  station: { states: 551, tried: 1_865, depth: 13 },
  way: { states: 445, tried: 1_073, depth: 23 },
  'way-refused': { states: 381, tried: 947, depth: 23 },
  peer: { states: 2_534, tried: 6_930, depth: 15 },
  membership: { states: 607, tried: 1_881, depth: 21 },
  'membership-of-two': { states: 372_188, tried: 1_855_160, depth: 33 },
  'ports-bitmap': { states: 4_530, tried: 8_748, depth: 54 },
  'ports-bitmap-of-three': { states: 588_736, tried: 1_604_018, depth: 93 },
  'ports-list': { states: 6_026, tried: 11_348, depth: 57 },
  'ports-list-of-three': { states: 1_103_341, tried: 2_838_000, depth: 96 },
  'ports-table': { states: 5_418, tried: 10_444, depth: 57 },
  'ports-table-of-three': { states: 762_188, tried: 2_037_582, depth: 93 },
  'host-ports': { states: 17_218, tried: 69_069, depth: 25 },
  'host-ports-cut': { states: 20_530, tried: 90_456, depth: 31 },
  'host-ports-left': { states: 26_263, tried: 120_496, depth: 31 },
  'host-ports-of-three': { states: 218_855, tried: 1_078_157, depth: 40 },
  'host-ports-of-the-dead': { states: 267_769, tried: 1_352_060, depth: 36 },
  mirror: { states: 20_268, tried: 35_427, depth: 32 },
  'mirror-crash': { states: 14_676, tried: 27_259, depth: 34 },
  'data-port-ordered': { states: 14_087, tried: 38_648, depth: 21 },
  'data-port-keyed': { states: 91_375, tried: 257_648, depth: 26 },
  'data-port-unordered': { states: 15_485, tried: 42_027, depth: 21 },
  'data-port-latest': { states: 13_167, tried: 35_538, depth: 21 },
  'data-port-late': { states: 114_906, tried: 370_811, depth: 26 },
  'data-port-failover': { states: 31_047, tried: 108_433, depth: 25 },
  'data-port-fenced': { states: 313_347, tried: 1_274_566, depth: 30 },
  'data-port-closed': { states: 54_484, tried: 188_915, depth: 22 },
};
const large = [
  'two-transfers',
  'two-transfers-faults',
  'takeover-slow',
  'membership-of-two',
  'ports-bitmap-of-three',
  'ports-list-of-three',
  'ports-table-of-three',
  'host-ports-of-three',
  'host-ports-of-the-dead',
  'data-port-keyed',
  'data-port-late',
  'data-port-fenced',
  'data-port-closed',
];
const small = models.filter(({ name }) => isAll || !large.includes(name));

describe('AF-8 CT-6 CT-7 CT-14 DP-6 DP-7 DP-8 SP-1 SP-2 SP-3 SP-5 SP-7 the models', () => {
  test('are all known by their size', () =>
    expect(models.map(({ name }) => name)).toEqual(Object.keys(figures)));
  test.each(small)(
    '$name: $description',
    async ({ name, model }) => {
      const report = await checkModel(model());
      expect(report).toMatchObject({ outcome: 'passed', ...figures[name] });
    },
    timeout,
  );
});

/** The model with another machine for an actor. */
const withMachine = (model: Model<Actors>, name: string, machine: AnyStateMachine) => ({
  ...model,
  actors: { ...model.actors, [name]: { ...model.actors[name]!, machine } },
});

async function violationOf(model: Model<Actors>) {
  const report = await checkModel(model);
  if (report.outcome !== 'violated') throw new Error(`It ${report.outcome}.`);
  return report.violation;
}

describe('AF-8 a fault is found', () => {
  test('CT-7 a giver that refuses at the deadline what it has committed', async () => {
    const hasty = outgoingTransferMachine.provide({ guards: { isCommitted: () => false } });
    const model = transferModel({ outgoing: hasty });
    const found = await violationOf(model);
    expect(found.property).toBe('a refused client is not whole at its giver');
    expect(found.trace?.steps).toHaveLength(6);
    expect(replay(model, found.trace!).broken).toContain(found.property);
  });

  test('CT-7 a giver that forgets what it gave up to a target that then ends', async () => {
    const guards = { isGivenUp: () => false };
    const forgetful = sharedClientMachine.provide({ guards });
    const found = await violationOf(withMachine(transferModel(), 'client-1', forgetful));
    expect(found.kind).toBe('deadlock');
    expect(found.text).toContain('"slot":"stranded"');
    expect(found.trace?.steps).toHaveLength(9);
  });

  test('CT-14 an owner that yields to nobody, or does not know its epoch', async () => {
    const stubborn = vipaMachine.provide({ guards: { isPreceded: () => false } });
    const found = await violationOf(takeoverModel({ vipa: stubborn }));
    expect(found.property).toBe('the owner has taken it back');
    const numb = vipaMachine.provide({ actions: { noteEpoch: assign({}) } });
    const { property } = await violationOf(takeoverModel({ vipa: numb }));
    expect(property).toBe(
      'a node listens under an epoch that was granted to another, or to nobody',
    );
  });

  test('CT-14 a lease that an earlier life of a node still holds', async () => {
    const clinging = sharedLeaseMachine.provide({ actions: { forsake: assign({}) } });
    const options = { crashes: 2, restarts: 2, isSlow: true } as const;
    const found = await violationOf(withMachine(takeoverModel(options), 'lease', clinging));
    expect(found.kind).toBe('may never come');
    expect(found.property).toBe('while a node lives, one serves');
  });
});
