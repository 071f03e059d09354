/**
 * Goal: a mirror brings each replica level by the least that is enough, is level only after that,
 * and comes back from every loss until it is closed (DP-10).
 * Method: walk the shipped machine over all that its environment may do; each claim is an
 * implication over every step, and each mutant must break one.
 */
import { environment, mirrorMachine as machine, type MirrorInput } from 'interplex/actors';
import type { MirrorOutput } from '#actors/data-port/mirror';
import { explore, type State, type Step } from 'interplex/check';
import { expect, test } from 'vitest';
import { claimsOn, joined, unlike } from './support/machine-claims.ts';
import { comes, does, isDone, isIn, isTimer, performed, sizeOf } from './support/step-words.ts';

type Machine = typeof machine;
const input: MirrorInput = {
  isFull: false,
  isPatient: false,
  limits: { greetMs: 10, drainMs: 10, retryMs: { least: 1, most: 4 } },
};
const explored = (shipped: Machine, changes: Partial<MirrorInput>) =>
  explore(shipped, {
    input: { ...input, ...changes },
    environment: environment.mirror,
    limit: 5_000,
  });
const walkOf = (shipped: Machine) =>
  joined(explored(shipped, {}), explored(shipped, { isFull: true, isPatient: true }));

const { claim, whenever, throughout, prove } = claimsOn(machine, walkOf);

const outcome = ({ output }: State<Machine>) => (output as MirrorOutput | undefined)?.outcome;
const isLevel = (state: State<Machine>) => state.hasTag('level');
const history = ({ event }: Step<Machine>) =>
  event.type === 'replica.greeted' ? event.history : undefined;
const isFull = ({ state }: Step<Machine>) => state.context.isFull;
const remedies = ['resend', 'resynchronise', 'copyAll'];

test('the walked space is the one that was reviewed', () => {
  expect(sizeOf(walkOf(machine))).toMatchInlineSnapshot(`
    {
      "depth": 20,
      "states": 392,
      "stirring": 1617,
    }
  `);
});
claim('every state is entered and every transition taken', ({ coverage }) =>
  unlike(coverage, { unentered: [], untaken: [] }),
);
claim('DP-10 it begins with a channel to its target, in either walk', ({ start }) =>
  unlike(performed(start), ['connect', 'connect']),
);
whenever(
  'DP-10 a replica is greeted before anything is done for it',
  (step) => isIn('greeting')(step.nextState) && !isIn('greeting')(step.state),
  (step) => does('greet')(step) && comes('channel.opened', 'target.changed')(step),
);
whenever(
  'DP-10 what is done for it follows from its history: no more than is needed',
  (step) => comes('replica.greeted')(step) && step.stirs && !isFull(step),
  (step) => {
    const done = performed(step).filter((name) => [...remedies, 'hangUp'].includes(name));
    const needed = {
      recent: 'resend',
      shared: 'resynchronise',
      none: 'copyAll',
      foreign: 'hangUp',
    };
    return unlike(done, [needed[history(step)!]]) === undefined;
  },
);
whenever(
  'DP-10 all is copied over whatever there is only where that was asked for, and once',
  (step) => comes('replica.greeted')(step) && isFull(step),
  (step) => does('copyAll')(step) && !step.nextState.context.isFull,
);
whenever(
  'DP-10 a foreign replica is refused for good, and left as it is',
  (step) => history(step) === 'foreign' && !isFull(step),
  ({ nextState }) =>
    outcome(nextState) === 'failed' && nextState.context.refusal.code === 'IPX_MIRROR_FOREIGN',
);
whenever(
  'DP-10 it is level by the word of its replica alone',
  ({ state, nextState }) => isLevel(nextState) && !isLevel(state),
  comes('replica.level'),
);
whenever(
  'DP-10 and by that word it is',
  (step) =>
    comes('replica.level')(step) && isIn('resuming', 'copying', 'resynchronising')(step.state),
  ({ nextState }) => isLevel(nextState),
);
whenever(
  'DP-10 a change that the backlog lacks is brought over by the map',
  (step) => comes('ranges.marked')(step) && isIn('mirroring', 'resuming')(step.state),
  (step) => does('resynchronise')(step) && !isLevel(step.nextState),
);
whenever(
  'DP-10 another target is greeted anew',
  (step) => comes('target.changed')(step) && step.state.hasTag('connected'),
  (step) => does('greet')(step) && isIn('greeting')(step.nextState),
);
whenever(
  'DP-10 whoever has had it in reach waits for its coming back',
  (step) =>
    comes('channel.lost')(step) && !isIn('closing')(step.state) && step.state.context.isPatient,
  (step) =>
    isIn('interrupted')(step.nextState) &&
    does('hangUp')(step) &&
    'refusal' in step.event &&
    unlike(step.nextState.context.refusal, step.event.refusal) === undefined,
);
whenever(
  'DP-10 a target that was never in reach is an error, with its reason',
  (step) => comes('channel.lost')(step) && !step.state.context.isPatient,
  ({ nextState, event }) =>
    outcome(nextState) === 'failed' &&
    'refusal' in event &&
    unlike(nextState.context.refusal, event.refusal) === undefined,
);
whenever(
  'DP-10 who has reached a replica is patient from then on, and has not failed',
  (step) => remedies.some((remedy) => does(remedy)(step)),
  ({ nextState: { context } }) => context.isPatient && context.failures === 0,
);
whenever(
  'DP-10 lost, it tries again after a pause',
  (step) => isIn('interrupted')(step.state) && isTimer(step),
  (step) => does('connect')(step) && isIn('connecting')(step.nextState),
);
throughout('DP-10 that pause is bounded', isIn('interrupted'), ({ timers }) =>
  timers.some((timer) => timer.includes('.retryPause.')),
);
whenever(
  'DP-10 what fails before a replica was reached counts, to lengthen the pause',
  (step) => isIn('connecting', 'greeting')(step.state) && isIn('interrupted')(step.nextState),
  ({ state, nextState }) =>
    nextState.context.failures === Math.min(6, state.context.failures + 1) &&
    nextState.context.refusal.code !== 'IPX_MIRROR_CLOSED',
);
whenever(
  'DP-10 a replica that does not say how far it is is tried anew',
  (step) => isIn('greeting')(step.state) && isTimer(step),
  (step) =>
    isIn('interrupted')(step.nextState) &&
    does('hangUp')(step) &&
    step.nextState.context.refusal.code === 'IPX_PORT_UNREACHABLE',
);
whenever(
  'DP-10 closed while it is level, it first has all applied',
  (step) => comes('close')(step) && isLevel(step.state),
  (step) => does('drain')(step) && isIn('closing')(step.nextState),
);
whenever(
  'DP-10 closed while it is not, it ends at once: the map knows what is missing',
  (step) => comes('close')(step) && !isLevel(step.state) && !isIn('closing')(step.state),
  ({ nextState }) => outcome(nextState) === 'closed',
);
whenever(
  'DP-10 closing, it ends when all is applied, or nobody is left to apply it',
  (step) =>
    isIn('closing')(step.state) &&
    (isTimer(step) || comes('replica.drained', 'channel.lost', 'target.changed', 'close')(step)),
  ({ nextState }) => outcome(nextState) === 'closed',
);
throughout('DP-10 and it waits for that only so long', isIn('closing'), ({ timers }) =>
  timers.some((timer) => timer.includes('.drainLimit.')),
);
whenever(
  'DP-10 a source that cannot be read or written ends it, with the reason',
  comes('source.failed'),
  ({ nextState, event }) =>
    outcome(nextState) === 'failed' &&
    'refusal' in event &&
    unlike(nextState.context.refusal, event.refusal) === undefined,
);
whenever(
  'DP-10 whenever it ends, or is lost, the channel is hung up',
  ({ state, nextState }) => !isDone(state) && (isDone(nextState) || isIn('interrupted')(nextState)),
  does('hangUp'),
);
prove();
