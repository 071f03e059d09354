/**
 * Goal: a port is open while a path is up, leaves its target only when all are dead or somebody
 * says so, fences it before it goes on, and ends by command, by the other end, or after a limit;
 * each step is told (DP-1, DP-3, DP-8).
 * Method: walk the shipped machine with and without backups, in each mode, over all that its
 * environment may do; each claim is an implication over every step.
 */
import { dataPortMachine as machine, environment, type DataPortInput } from 'interplex/actors';
import type { Epoch, NodeId } from '#actors/vocabulary';
import { explore, type State, type Step } from 'interplex/check';
import { expect, test } from 'vitest';
import { joined } from './support/machine-claims.ts';
import { isTimer, performed, sent } from './support/step-words.ts';

type Machine = typeof machine;
const input: DataPortInput = {
  target: 'hall-1' as NodeId,
  epoch: 1 as Epoch,
  links: 2,
  backups: [],
  failover: 'automatic',
  limits: {
    dialMs: 30,
    closeMs: 20,
    deadMs: 50,
    backoffMs: { least: 10, most: 40 },
    openMs: 100,
    abandonMs: 200,
    drainMs: 150,
  },
};
const explored = (changes: Partial<DataPortInput>) =>
  explore(machine, {
    input: { ...input, ...changes },
    environment: environment.dataPort,
    limit: 40_000,
  });
const backups = ['hall-2'] as NodeId[];
const walk = joined(
  explored({}),
  explored({ links: 1, backups }),
  explored({ links: 1, backups, failover: 'client' }),
);

const comes =
  (...types: string[]) =>
  ({ event }: Step<Machine>) =>
    types.includes(event.type);
const placeOf = ({ value }: State<Machine>) =>
  typeof value === 'string' ? value : Object.keys(value)[0];
const isIn =
  (...places: string[]) =>
  (state: State<Machine>) =>
    places.includes(placeOf(state) ?? '');
const isAny = (state: State<Machine>) => state.context.up.length > 0;
const areDead = ({ context: { dead, links } }: State<Machine>) => dead.length === links;
const paths = ({ children }: State<Machine>) => children.filter((id) => id.startsWith('path.'));

type Is = (step: Step<Machine>) => boolean;
const implications: [title: string, when: Is, then: Is][] = [];
/** An implication over all steps; it fails if its premise never holds. */
const whenever = (title: string, when: Is, then: Is) => implications.push([title, when, then]);

test('DP-1 at its start it has as many paths as links', () => {
  const [first] = walk.states;
  expect(first && paths(first)).toEqual(['path.1.0', 'path.1.1']);
});
whenever(
  'DP-1 it has a logical connection for each link, of its epoch, until it ends',
  () => true,
  ({ nextState }) => {
    const { links, epoch } = nextState.context;
    if (nextState.status === 'done') return paths(nextState).length === 0;
    const expected = Array.from({ length: links }, (_, path) => `path.${epoch}.${path}`);
    return paths(nextState).join() === expected.join();
  },
);
whenever(
  'DP-1 the first path opens it, and is enough',
  ({ state, nextState }) => {
    return isIn('opening')(state) && isIn('open')(nextState);
  },
  (step) => comes('path.up')(step) && performed(step).includes('tellOpen'),
);
whenever(
  'DP-1 without any path it does not open, and says why',
  ({ state, nextState }) => isIn('opening')(state) && isIn('failed')(nextState),
  (step) => areDead(step.nextState) || isTimer(step) || comes('session.fenced')(step),
);
whenever(
  'DP-8 unanswered while it is opened it goes to a backup by itself, and fails if it may not',
  ({ state, nextState }) => isIn('opening')(state) && isIn('failingOver', 'failed')(nextState),
  (step) => {
    const { failover, backups: others } = step.state.context;
    const goesOn = failover === 'automatic' && others.length > 0;
    if (comes('session.fenced')(step)) return isIn('failed')(step.nextState);
    if (isIn('failed')(step.nextState)) return !goesOn;
    return goesOn && performed(step).includes('tellUnreachable');
  },
);
whenever(
  'DP-8 where no candidate answers it waits if it was open once, and fails if it never was',
  (step) => comes('xstate.done.actor.failover')(step) && !isAny(step.state),
  ({ state, nextState }) => isIn(state.context.isOpened ? 'stranded' : 'failed')(nextState),
);
whenever(
  'DP-8 whoever has it is told of another target when that answers, however late, and once',
  ({ state, nextState }) => !isIn('open')(state) && isIn('open')(nextState),
  ({ state, event, effects, nextState }) => {
    const hasMoved = state.context.hasMoved || event.type === 'target.chosen';
    const told = performed({ effects }).filter((name) => name === 'tellFailedOver');
    return told.length === (hasMoved ? 1 : 0) && !nextState.context.hasMoved;
  },
);
whenever(
  'DP-8 it was open once when it has told so',
  (step) => performed(step).includes('tellOpen'),
  ({ nextState }) => nextState.context.isOpened,
);
whenever(
  'DP-8 it is usable exactly while it is open and a path is up',
  ({ nextState }) => isIn('open')(nextState),
  ({ nextState }) => nextState.hasTag('usable') === isAny(nextState),
);
whenever(
  'DP-8 a target that it has is left when all paths are dead, or by command; or without a path',
  ({ state, nextState }) => isIn('open')(state) && isIn('failingOver', 'stranded')(nextState),
  (step) =>
    areDead(step.nextState) ||
    comes('failover', 'failback')(step) ||
    (comes('target.doubted')(step) && !isAny(step.state)),
);
whenever(
  'DP-8 what the membership thinks of its target changes nothing while a path is up',
  (step) => comes('target.doubted')(step) && isAny(step.state),
  (step) => !step.stirs,
);
whenever(
  'DP-8 all paths dead: it is told; it fails over if it has a backup, and is stranded if not',
  ({ state, nextState }) => isIn('open')(state) && !isAny(nextState) && areDead(nextState),
  (step) =>
    performed(step).includes('tellUnreachable') &&
    isIn('failingOver', 'stranded', 'failed')(step.nextState),
);
whenever(
  'DP-8 a candidate is fenced off from the former target before anything is dialled',
  comes('target.chosen'),
  (step) => {
    if (!isIn('failingOver')(step.state)) return !step.stirs;
    const { context } = step.nextState;
    const kinds = step.effects.map((effect) =>
      effect.type === 'action' ? effect.name : effect.type,
    );
    const fence = kinds.indexOf('fence');
    return (
      fence >= 0 &&
      fence < kinds.indexOf('spawn') &&
      'epoch' in step.event &&
      context.epoch === step.event.epoch &&
      context.up.length === 0 &&
      !context.left.includes(context.target)
    );
  },
);
whenever(
  'DP-8 a fence is for nothing else',
  (step) => performed(step).includes('fence'),
  comes('target.chosen'),
);
whenever(
  'DP-8 its client decides, where it is to: a target that is back before is kept',
  (step) =>
    comes('path.up')(step) &&
    isIn('failingOver')(step.state) &&
    step.state.context.failover === 'client' &&
    !step.state.context.isDecided,
  ({ state, nextState }) =>
    isIn('open')(nextState) && nextState.context.epoch === state.context.epoch,
);
whenever(
  'DP-8 what paths do while it fails over is told to the failover, by its epoch',
  (step) =>
    comes('path.up')(step) &&
    isIn('failingOver')(step.state) &&
    (step.state.context.isDecided || step.state.context.failover === 'automatic'),
  (step) =>
    sent(step, 'failover').some(
      (event) => event.type === 'target.reached' && event.epoch === step.state.context.epoch,
    ),
);
whenever(
  'DP-3 a path that is up or down is told, unless the port ends by it',
  (step) => comes('path.up', 'path.down')(step) && step.state.status === 'active',
  (step) => performed(step).includes('tellPath'),
);
whenever(
  'DP-6 closed while open, it waits for what was accepted, and not for ever',
  (step) => comes('close')(step) && isIn('open')(step.state),
  (step) =>
    isIn('draining')(step.nextState) &&
    performed(step).includes('awaitDrained') &&
    step.nextState.timers.some((timer) => timer.includes('drainLimit')),
);
whenever(
  'DP-6 at its end it says goodbye or gives up: what was not applied is reported',
  ({ state, nextState }) => state.status === 'active' && nextState.status === 'done',
  (step) => {
    const last = performed(step).filter((name) => name.endsWith('Session'));
    return last.join() === (isIn('closed')(step.nextState) ? 'closeSession' : 'abandonSession');
  },
);
whenever(
  'DP-8 a later epoch of the port elsewhere ends it',
  (step) => comes('session.fenced')(step) && step.state.status === 'active',
  ({ nextState }) =>
    isIn('failed')(nextState) && nextState.context.refusal.code === 'IPX_PORT_FENCED',
);
whenever(
  'DP-8 no wait without a path is without a limit',
  ({ nextState }) => !isAny(nextState) && isIn('open', 'stranded', 'opening')(nextState),
  ({ nextState }) => nextState.timers.length > 0,
);

test.each(implications)('%s', (_, when, then) => {
  const witnesses = walk.steps.filter(when);
  expect(witnesses.length).toBeGreaterThan(0);
  const breach = witnesses.find((step) => !then(step));
  expect(breach && [breach.state.value, breach.event, breach.nextState.value]).toBeUndefined();
});
