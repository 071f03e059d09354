/**
 * Goal: a crash leads to what its supervision says: a restart after a pause that doubles within
 * its bounds, and no more of them within a window than were allowed; an end by command leads to
 * none (AF-5).
 * Method: walk the shipped machine with each strategy, over all that its environment may do and
 * crashes of several ages; each claim is an implication over every step, and each mutant must
 * break one. A simulated clock measures the pauses.
 */
import { isDeepStrictEqual } from 'node:util';
import { parseSupervision } from '#internal/runtime/supervisor';
import {
  environment,
  supervisionMachine as machine,
  type SupervisionInput,
} from 'interplex/actors';
import { explore, outOfReach, type Step } from 'interplex/check';
import { describe, expect, test } from 'vitest';
import { createActor, SimulatedClock } from 'xstate';
import { claimsOn, joined, unlike } from './support/machine-claims.ts';
import { comes, isIn, isTimer, performed, sizeOf, told } from './support/step-words.ts';
import { matching } from './support/matching.ts';

type Machine = typeof machine;
const refusal = { code: 'IPX_EXAMPLE', reason: 'another one' };
const input: SupervisionInput = {
  strategy: 'restart',
  backoffMs: { least: 100, most: 250 },
  intensity: { restarts: 3, withinMs: 1_000 },
  whenExhausted: 'stop',
};
/** The pauses before the restarts that are allowed. */
const pausesMs = [100, 200, 250];
const others: readonly SupervisionInput[] = [
  { ...input, whenExhausted: 'escalate' },
  { ...input, strategy: 'stop' },
  { ...input, strategy: 'stop', whenExhausted: 'escalate' },
  { ...input, strategy: 'escalate' },
];
/** Two of the first are within the window and three are not; one of the second is just not. */
const events = [400, 1_000].map(
  (sinceMs) => ({ type: 'child.crashed', refusal, sinceMs }) as const,
);
const walkOf = (shipped: Machine) => {
  const walk = (one: SupervisionInput) =>
    explore(shipped, { input: one, environment: environment.supervision, events, limit: 500 });
  return joined(walk(input), ...others.map((one) => walk(one)));
};

const { claim, whenever, throughout, prove } = claimsOn(machine, walkOf);

const crashes = (step: Step<Machine>) =>
  comes('child.crashed')(step) && isIn('running', 'starting')(step.state);
const does = (step: Step<Machine>, ...actions: string[]) =>
  isDeepStrictEqual(performed(step), actions);
/** One crash more than the restarts that the window allows. */
const isExhausted = ({ nextState: { context } }: Step<Machine>) => context.ages.length === 4;
const hasStrategy = (strategy: string, { state }: Step<Machine>) =>
  state.context.strategy === strategy;

test('the walked space is the one that was reviewed', () => {
  expect(sizeOf(walkOf(machine))).toMatchInlineSnapshot(`
    {
      "depth": 9,
      "states": 321,
      "stirring": 1171,
    }
  `);
});
claim('every state is entered and every transition taken', ({ coverage }) =>
  unlike(coverage, { unentered: [], untaken: [] }),
);
claim('AF-5 it begins with a child that runs, and does nothing', ({ start }) =>
  unlike([start.state.value, start.state.context.ages, start.effects], ['running', [], []]),
);

whenever(
  'AF-5 crashes within the window are counted, with their ages, and older ones are not',
  crashes,
  ({ state, event, nextState }) => {
    const { ages } = state.context;
    const sinceMs = 'sinceMs' in event ? event.sinceMs : 0;
    const within = ages.map((age) => age + sinceMs).filter((age) => age < 1_000);
    return isDeepStrictEqual(nextState.context.ages, [...within.slice(-3), 0]);
  },
);
whenever(
  'AF-5 the reason of a crash is kept for who is told of it',
  crashes,
  ({ event, nextState }) => 'refusal' in event && nextState.context.refusal === event.refusal,
);
whenever(
  'AF-5 what has crashed already does not crash again',
  (step) => comes('child.crashed')(step) && !crashes(step),
  ({ stirs }) => !stirs,
);

whenever(
  'AF-5 restart: a crash leads to a pause, which doubles up to its bound, and is told',
  (step) => crashes(step) && hasStrategy('restart', step) && !isExhausted(step),
  (step) =>
    isIn('backingOff')(step.nextState) &&
    does(step, 'reportRestarting') &&
    isDeepStrictEqual(told(step, 'reportRestarting'), {
      afterMs: pausesMs[step.nextState.context.ages.length - 1],
    }),
);
throughout(
  'AF-5 the pause is bounded, and nothing else waits for a timer',
  () => true,
  (state) =>
    state.timers.some((timer) => timer.includes('.backoff.')) === isIn('backingOff')(state),
);
whenever(
  'AF-5 after the pause the child is started',
  (step) => isTimer(step),
  (step) => isIn('starting')(step.nextState) && does(step, 'startChild'),
);
whenever(
  'AF-5 it is started at no other time',
  (step) => performed(step).includes('startChild'),
  (step) => isIn('backingOff')(step.state) && isTimer(step),
);
whenever(
  'AF-5 a child that has started runs, by whose command ever',
  (step) => comes('child.started')(step) && !isIn('running')(step.state),
  (step) => isIn('running')(step.nextState) && does(step),
);

whenever(
  'AF-5 a child that ended as it was meant to, or by kill, stays down, in its pause too',
  (step) => comes('child.ended')(step) && isIn('running', 'backingOff', 'starting')(step.state),
  (step) => isIn('down')(step.nextState) && does(step),
);
whenever(
  'AF-5 what is down or has failed stays so until it is started',
  (step) => isIn('down', 'failed')(step.state) && !comes('child.started', 'stop')(step),
  ({ stirs }) => !stirs,
);

whenever(
  'AF-5 one crash too many is the end of restarts: the child stays down, and that is told',
  (step) =>
    crashes(step) &&
    isExhausted(step) &&
    hasStrategy('restart', step) &&
    step.state.context.whenExhausted === 'stop',
  (step) => isIn('failed')(step.nextState) && does(step, 'reportFailed'),
);
whenever(
  'AF-5 one crash too many is escalated where that is wished',
  (step) =>
    crashes(step) &&
    isExhausted(step) &&
    hasStrategy('restart', step) &&
    step.state.context.whenExhausted === 'escalate',
  (step) => isIn('escalated')(step.nextState) && does(step, 'escalate'),
);
whenever(
  'AF-5 stop: the first crash is the last, and is told',
  (step) => crashes(step) && hasStrategy('stop', step),
  (step) => isIn('failed')(step.nextState) && does(step, 'reportFailed'),
);
whenever(
  'AF-5 escalate: the first crash is the owner’s',
  (step) => crashes(step) && hasStrategy('escalate', step),
  (step) => isIn('escalated')(step.nextState) && does(step, 'escalate'),
);
whenever(
  'AF-5 nothing but a crash fails, or is escalated',
  ({ state, nextState }) =>
    nextState.value !== state.value && isIn('failed', 'escalated')(nextState),
  crashes,
);

whenever(
  'AF-5 stopped, it ends, and does nothing any more',
  comes('stop'),
  (step) => isIn('stopped')(step.nextState) && does(step),
);
throughout(
  'AF-5 it ends only when it is stopped, or has escalated',
  ({ status }) => status !== 'active',
  (state) => state.status === 'done' && isIn('stopped', 'escalated')(state),
);
whenever(
  'AF-5 it is stopped only by its owner',
  ({ nextState }) => isIn('stopped')(nextState),
  comes('stop'),
);
claim('AF-5 told to stop, it ends, whatever it was at', (walk) =>
  unlike(
    outOfReach(walk, ({ status }) => status === 'done', { by: comes('stop') }),
    [],
  ),
);

const never = () => false;
const always = () => true;
prove({}, [
  ['guard shallEscalate: never', machine.provide({ guards: { shallEscalate: never } })],
  ['guard shallEscalate: always', machine.provide({ guards: { shallEscalate: always } })],
  ['guard shallStop: never', machine.provide({ guards: { shallStop: never } })],
  ['guard shallStop: always', machine.provide({ guards: { shallStop: always } })],
]);

/** Each pause that is kept before a start, for a child that crashes whenever it is started. */
function pausesKept(shipped: Machine): readonly number[] {
  const clock = new SimulatedClock();
  const pauses: number[] = [];
  const crash = { type: 'child.crashed', refusal, sinceMs: 0 } as const;
  const provided = shipped.provide({
    actions: {
      startChild: () => pauses.push(clock.now()),
      reportRestarting: () => undefined,
      reportFailed: () => undefined,
    },
  });
  const actor = createActor(provided, { input, clock }).start();
  for (let started = 0; started < 3; started += 1) {
    const crashedAt = clock.now();
    actor.send(crash);
    while (pauses.length === started && clock.now() < crashedAt + 1_000) clock.increment(1);
    pauses[started] = clock.now() - crashedAt;
  }
  actor.send(crash);
  clock.increment(10_000);
  return pauses;
}

test('AF-5 the pause that is told is the one that is kept, to the millisecond', () => {
  expect(pausesKept(machine)).toEqual(pausesMs);
});
test.each([
  ['the least', machine.provide({ delays: { backoff: 100 } })],
  ['none', machine.provide({ delays: { backoff: 0 } })],
  ['without bound', machine.provide({ delays: { backoff: 1_000_000 } })],
])('mutant: delay backoff: %s', (_, mutant) => {
  expect(pausesKept(mutant)).not.toEqual(pausesMs);
});

describe('the options of a supervision', () => {
  test('AF-5 what is left out has a default', () => {
    expect(parseSupervision('it', {})).toEqual({
      strategy: 'restart',
      whenExhausted: 'stop',
      backoffMs: { least: 100, most: 10_000 },
      intensity: { restarts: 5, withinMs: 60_000 },
    });
  });
  test('AF-5 a least pause over the default bound is its own bound', () => {
    expect(parseSupervision('it', { backoffMs: { least: 20_000 } }).backoffMs).toEqual({
      least: 20_000,
      most: 20_000,
    });
  });
  test.each([
    ['strategy', { strategy: 'hope' as 'stop' }],
    ['whenExhausted', { whenExhausted: 'restart' as 'stop' }],
    ['backoffMs.least', { backoffMs: { least: -1 } }],
    ['backoffMs.least', { backoffMs: { least: Number.NaN } }],
    ['backoffMs.most', { backoffMs: { most: 2 ** 31 } }], // A timer would end at once.
    ['intensity.restarts', { intensity: { restarts: 1.5 } }],
    ['intensity.restarts', { intensity: { restarts: 1_001 } }],
    ['intensity.withinMs', { intensity: { withinMs: -1 } }],
  ])('AF-9 a bad %s is refused by name', (option, options) => {
    expect(() => parseSupervision('it.supervision', options)).toThrow(
      expect.objectContaining({
        code: 'IPX_OPTION_INVALID',
        message: matching(new RegExp(`it\\.supervision\\.${option} cannot be used: give`)),
      }),
    );
  });
});
