/**
 * Goal: the checker walks the space that others walked, and finds what is wrong in it (AF-8).
 * Method: the models that stateright is tested with, as ordinary machines, with the sizes that it
 * pins; then a fault is put into each.
 */
import { checkModel, replay } from 'interplex/check';
import type { Network, Property, SystemState } from 'interplex/check';
import { describe, expect, test } from 'vitest';
import { assign } from 'xstate';
import { paxos, serverMachine } from './support/models/paxos.ts';
import { coordinatorMachine, twoPhaseCommit } from './support/models/two-phase-commit.ts';

const duplicating = { order: 'none', duplication: 'possible' } as const satisfies Network;
type Commit = ReturnType<typeof twoPhaseCommit>;

const claims = ({ names }: Commit): Property<SystemState<Commit['actors']>>[] => {
  type System = SystemState<Commit['actors']>;
  const all = (value: 'committed' | 'aborted') => (system: System) =>
    names.every((name) => system.actors[name]!.matches(value));
  const isSplit = ({ actors }: System) =>
    names.some((name) => actors[name]!.matches('committed')) &&
    names.some((name) => actors[name]!.matches('aborted'));
  return [
    { never: 'one commits and one aborts', holds: isSplit },
    { sometimes: 'all commit', holds: all('committed') },
    { sometimes: 'all abort', holds: all('aborted') },
  ];
};

const committing = (count: number, machine = coordinatorMachine) => {
  const commit = twoPhaseCommit(count, machine);
  return {
    ...commit,
    model: { actors: commit.actors, network: duplicating, properties: claims(commit) },
  };
};

describe('AF-8 two-phase commit', () => {
  test.each([
    { count: 3, states: 288, tried: 761, depth: 10 },
    { count: 5, states: 8_832, tried: 37_345, depth: 16 },
  ])('of $count participants has $states states', async ({ count, ...figures }) => {
    const report = await checkModel(committing(count).model);
    expect(report).toMatchObject({ outcome: 'passed', ...figures });
    expect(Object.keys(report.coverage)).toEqual(['participant', 'coordinator']);
    expect(Object.values(report.coverage)).toEqual([
      { unentered: [], untaken: [] },
      { unentered: [], untaken: [] },
    ]);
  });

  test.each([
    { count: 3, states: 80 },
    { count: 5, states: 314 },
  ])('of $count has $states states that no exchange makes equal', async ({ count, states }) => {
    const { model, names } = committing(count);
    const report = await checkModel({ ...model, symmetry: [names] });
    expect(report).toMatchObject({ outcome: 'passed', states });
  });

  test.each([false, true])('that does not wait for all, symmetry %s', async (isSymmetric) => {
    const hasty = coordinatorMachine.provide({ guards: { isUnanimous: () => true } });
    const { model, names } = committing(3, hasty);
    const report = await checkModel({ ...model, symmetry: isSymmetric ? [names] : [] });
    const violation = report.outcome === 'violated' ? report.violation : undefined;
    expect(violation).toMatchObject({ property: 'one commits and one aborts', kind: 'broken' });
    expect(violation?.trace?.steps).toHaveLength(3);
    expect(replay(model, violation!.trace!).broken).toEqual(['one commits and one aborts']);
  });
});

describe('AF-8 two-phase commit in runs', () => {
  test('loses no participant for ever while messages come', async () => {
    const { actors, names } = committing(3);
    const report = await checkModel({
      actors,
      network: duplicating,
      properties: [
        {
          eventually: 'everybody is done',
          holds: (system) => names.every((name) => system.actors[name]!.status === 'done'),
        },
        {
          leadsTo: 'a verdict is carried out',
          after: (system) => system.actors.coordinator.matches('committed'),
          holds: (system) => names.every((name) => system.actors[name]!.matches('committed')),
        },
      ],
    });
    expect(report).toMatchObject({ outcome: 'passed', states: 288 });
  });
});

type Paxos = ReturnType<typeof paxos>;
const agreement = ({ clients, servers }: Paxos) => {
  type System = SystemState<Paxos['actors']>;
  const readings = ({ actors }: System) =>
    clients.flatMap((name) => actors[name]!.context.read ?? []);
  const decisions = ({ actors }: System) =>
    servers.flatMap((name) => {
      const { matches, context } = actors[name]!;
      return matches('decided') ? [context.accepted?.proposal.value] : [];
    });
  return [
    { always: 'servers agree', holds: (system) => new Set(decisions(system)).size <= 1 },
    { always: 'clients read one value', holds: (system) => new Set(readings(system)).size <= 1 },
    { sometimes: 'A is read', holds: (system) => readings(system).includes('A') },
    { sometimes: 'all decide B', holds: (system) => decisions(system).join('') === 'BBB' },
  ] satisfies Property<System>[];
};

describe('AF-8 Paxos of 2 clients and 3 servers', () => {
  const subject = paxos(2, 3);
  const properties = agreement(subject);

  test.each([
    { ignored: 'kept', states: 16_668 },
    { ignored: 'taken', states: 301_099 },
  ] as const)('has $states states where what is ignored is $ignored', async (figures) => {
    const network = { order: 'none', ignored: figures.ignored } as const;
    const { actors } = subject;
    const report = await checkModel({ actors, network, properties, deadlock: 'fine' });
    expect(report).toMatchObject({ outcome: 'passed', states: figures.states });
    // One of three acceptances beside the leader's own decides: no other is only noted.
    expect(report.coverage['server']?.untaken).toEqual(['undecided: accepted [isCurrent]']);
  });

  test('whose leader forgets what was promised', async () => {
    const forgetful = serverMachine.provide({
      actions: {
        propose: assign(({ context }) => ({
          ...context,
          accepted: { ballot: context.ballot, proposal: context.proposal! },
          acceptances: { [context.name]: true as const },
        })),
      },
    });
    const { actors } = paxos(2, 3, forgetful);
    const model = { actors, network: { order: 'none' }, properties, deadlock: 'fine' } as const;
    const report = await checkModel(model);
    const violation = report.outcome === 'violated' ? report.violation : undefined;
    expect(violation).toMatchObject({ property: 'servers agree', kind: 'broken' });
    expect(replay(model, violation!.trace!).broken).toContain('servers agree');
    expect(violation?.diagram).toContain('a1->>a3: prepare');
  });
});
