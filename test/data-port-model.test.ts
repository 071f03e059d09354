/**
 * Goal: a data port's machines and its plain code hold together what each channel promises, and a
 * fault in either is seen (DP-6, DP-7, DP-8, AF-8).
 * Method: what the model takes for one state goes on as one, by whichever history it was reached;
 * then one thing at a time is done wrong, and the claim that it breaks is named. The models, with
 * the size of their spaces, are among those of check-models.
 */
import { checkModel, replay } from 'interplex/check';
import type { Model, ModelActor } from 'interplex/check';
import {
  dataPortMachine,
  failoverMachine,
  logicalConnectionMachine,
  resetMachine,
} from 'interplex/actors';
import { dataPortModel, type DataPortModelOptions } from '#internal/check/models/data-port';
import type { Histories } from '#internal/check/models/data-port-histories';
import { Contiguous } from '#internal/data-port/contiguous';
import { SendLane } from '#internal/data-port/send-lane';
import { Session } from '#internal/data-port/session';
import { afterEach, expect, test, vi } from 'vitest';
import type { AnyStateMachine } from 'xstate';
import { mutantsOf } from './support/mutants.ts';

const timeout = 120_000; // ms; other tests share the cores.

afterEach(() => void vi.restoreAllMocks());

async function violationOf(model: Model<Readonly<Record<string, ModelActor>>>) {
  const report = await checkModel({ ...model, limits: { states: 200_000 } });
  if (report.outcome !== 'violated') throw new Error(`It ${report.outcome}.`);
  return report.violation;
}

const mutantOf = <Machine extends AnyStateMachine>(machine: Machine, name: string): Machine => {
  const mutant = mutantsOf(machine).find((one) => one.name === name);
  if (!mutant) throw new Error(`There is no mutant "${name}".`);
  return mutant.machine;
};

test.each<DataPortModelOptions>([
  { links: 1, breaks: [1] },
  { keys: ['a'], breaks: [1] },
  { keys: ['a'], targets: ['hall', 'spare'], crashes: 1 },
])(
  'AF-8 DP-6 an end goes on alike by whichever history it came to a state: %o',
  async (options) => {
    const ends: Histories[] = [];
    const model = dataPortModel({ ...options, onHistories: (histories) => ends.push(histories) });
    expect(await checkModel(model)).toMatchObject({ outcome: 'passed' });
    expect(ends.reduce((sum, { metCount }) => sum + metCount, 0)).toBeGreaterThan(50);
    expect(ends.flatMap((histories) => histories.disagreements())).toEqual([]);
  },
  timeout,
);

type Acknowledge = (this: SendLane, received: number, applied: number) => void;
const kept = 'what hall applies is what the channel promises';
const early = 'a message is said to be applied that no target has applied';

test(
  'DP-6 a receiver that takes a frame twice is found',
  async () => {
    vi.spyOn(Contiguous.prototype, 'has').mockReturnValue(false);
    const model = dataPortModel({ kind: 'unordered', keys: ['a'], breaks: [1] });
    const found = await violationOf(model);
    expect(found.property).toBe(kept);
    expect(replay(model, found.trace!).broken).toContain(kept);
  },
  timeout,
);
test(
  'DP-6 a sender that takes received for applied is found',
  async () => {
    const acknowledge: Acknowledge = Reflect.get(SendLane.prototype, 'acknowledge');
    vi.spyOn(SendLane.prototype, 'acknowledge').mockImplementation(function hasty(
      this: SendLane,
      received: number,
    ) {
      acknowledge.call(this, received, received);
    });
    const { property } = await violationOf(dataPortModel({ links: 1, keys: ['a'] }));
    expect(property).toBe(early);
  },
  timeout,
);
test(
  'DP-8 a failover after which the former target’s acknowledgements count is found',
  async () => {
    vi.spyOn(Session.prototype, 'fence').mockReturnValue(0);
    const options = { keys: ['a'], targets: ['hall', 'spare'], crashes: 1 };
    expect((await violationOf(dataPortModel(options))).kind).toBeDefined();
  },
  timeout,
);

const machines = {
  dataPort: dataPortMachine,
  logicalConnection: logicalConnectionMachine,
  reset: resetMachine,
  failover: failoverMachine,
};
const backed = { keys: ['a'], targets: ['hall', 'spare'], crashes: 1 };
const broken = { links: 1, keys: ['a'], breaks: [1] };
type Named = keyof typeof machines;

test.each<[Named, string, DataPortModelOptions]>([
  ['dataPort', 'failingOver: on target.chosen: no fence', backed],
  ['dataPort', 'unreachable: always (1): removed', backed],
  ['dataPort', 'open.interrupted: always (2): removed', backed],
  ['dataPort', 'opening: always (2): removed', backed],
  ['dataPort', 'unanswered: always (1): removed', backed],
  ['dataPort', 'closed: no entry closeSession', { ...broken, isClosed: true }],
  ['logicalConnection', 'established: on carrier.lost: removed', broken],
  ['logicalConnection', 'resetting: on carrier.opened: removed', broken],
  ['reset', 'closing: no entry hangUp', broken],
  ['reset', 'dialling: on carrier.failed: no reportDead', backed],
  ['failover', 'establishing: no entry follow', backed],
  ['failover', 'choosing: always (1): no guard', backed],
])(
  'DP-7 DP-8 a machine that is wrong is found: %s, %s',
  async (name, mutant, options) => {
    const wrong = { [name]: mutantOf<AnyStateMachine>(machines[name], mutant) };
    const found = await violationOf(dataPortModel({ ...options, machines: wrong }));
    expect(['deadlock', 'may never come', 'never held', 'broken']).toContain(found.kind);
  },
  timeout,
);
