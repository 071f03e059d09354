/**
 * Goal: a node takes clients only when all its applications are open, and on draining lets them
 * close before its stack does; it stops or fails, and says which (AF-5).
 * Method: walk the shipped machine with an application in each role, of one name, and two
 * endpoints; its children are their words alone here, in any order that they can come in. Each
 * claim is an implication over every step, and each mutant must break one.
 */
import { isDeepStrictEqual } from 'node:util';
import { environment, nodeMachine as machine } from 'interplex/actors';
import type { ApplicationName, NodeId, VipaName } from '#actors/vocabulary';
import { explore, outOfReach } from 'interplex/check';
import type { State, Step } from 'interplex/check';
import { expect, test } from 'vitest';
import { claimsOn, unlike } from './support/machine-claims.ts';
import { comes, isDone, isTimer, sent, sizeOf } from './support/step-words.ts';

type Machine = typeof machine;
const application = 'lobby' as ApplicationName;
const node = 'edge' as NodeId;
const living = [node];
const endpoints = (['chat', 'shop'] as VipaName[]).map((vipa) => {
  return { vipa, preference: [node], takeback: 'whenIdle' } as const;
});
const drainMs = 1_000;
const retryMs = 10;
const input = {
  node,
  applications: [
    { application, role: 'routing' },
    { application, role: 'target' },
  ],
  endpoints,
  living,
  drainMs,
  retryMs,
} as const;
const children = ['routing:lobby', 'target:lobby'];
const walkOf = (shipped: Machine) =>
  explore(shipped, { input, environment: environment.node, limit: 5_000 });

const { claim, whenever, throughout, prove } = claimsOn(machine, walkOf);

const sends =
  (type: string) =>
  ({ effects }: Step<Machine>) =>
    effects.flatMap((effect) =>
      effect.type === 'send' && effect.event.type === type ? [effect.to] : [],
    );
/** Whether a word of this type may still come. */
const awaits = ({ outstanding }: State<Machine>, word: string) =>
  outstanding.some(({ alternatives }) => alternatives.flat().some(({ type }) => type === word));
const isDraining = (state: State<Machine>) => state.matches('draining');
const isClosing = (state: State<Machine>) => state.matches('closing');
const isLastWord = (step: Step<Machine>) => step.state.context.awaited === 1;

test('the walked space is the one that was reviewed', () => {
  expect(sizeOf(walkOf(machine))).toMatchInlineSnapshot(`
    {
      "depth": 9,
      "states": 348,
      "stirring": 1436,
    }
  `);
});
claim('every state is entered and every transition taken', ({ coverage }) =>
  unlike(coverage, { unentered: [], untaken: [] }),
);

claim('AF-5 it starts its stack and its applications, and grants nothing yet', ({ start }) => {
  const started = start.effects.flatMap((effect) =>
    effect.type === 'spawn' ? [[effect.child, effect.source, effect.input]] : [],
  );
  return unlike(
    [started, sent(start, 'stack')],
    [
      [
        ['stack', 'stack', { node, living, drainMs, retryMs }],
        ['routing:lobby', 'routingApplication', { application, drainMs }],
        ['target:lobby', 'targetApplication', { application, drainMs }],
      ],
      [],
    ],
  );
});
throughout(
  'AF-5 it opens until every application has opened',
  (state) => state.matches('opening'),
  ({ context: { awaited } }) => awaited > 0,
);
whenever(
  'AF-5 each application that opens counts once',
  (step) => comes('application.opened')(step) && step.state.matches('opening') && !isLastWord(step),
  ({ state, nextState }) => nextState.context.awaited === state.context.awaited - 1,
);
throughout(
  'AF-5 endpoints are granted when no application is still to open',
  (state) => state.matches('listening') || state.matches('running'),
  (state) => !awaits(state, 'application.opened'),
);
whenever(
  'AF-5 then each is, once',
  (step) =>
    (step.state.matches('opening') && step.nextState.matches('listening')) ||
    sends('endpoint.granted')(step).length > 0,
  (step) =>
    comes('application.opened')(step) &&
    isLastWord(step) &&
    isDeepStrictEqual(
      sent(step, 'stack'),
      endpoints.map((endpoint) => ({ type: 'endpoint.granted', endpoint })),
    ),
);
throughout(
  'AF-5 it is ready when every endpoint is open or standing by, and not before',
  (state) => state.hasTag('ready') || state.matches('listening'),
  (state) => state.hasTag('ready') === (state.context.unsettled.length === 0),
);
whenever(
  'AF-5 each endpoint that is settled is waited for no more, and the others are',
  (step) => comes('endpoint.settled')(step) && step.state.matches('listening'),
  ({ state, event, nextState }) =>
    'vipa' in event &&
    isDeepStrictEqual(
      nextState.context.unsettled,
      state.context.unsettled.filter((vipa) => vipa !== event.vipa),
    ),
);
whenever(
  'CT-14 its stack is told who lives, and it remembers',
  comes('members.changed'),
  (step) =>
    'living' in step.event &&
    isDeepStrictEqual(sent(step, 'stack'), [step.event]) &&
    step.nextState.context.living === step.event.living,
);

whenever(
  'AF-5 an application or an endpoint that fails is the node’s failure, with its reason',
  comes('application.failed', 'endpoint.failed'),
  ({ event, nextState }) =>
    nextState.matches('failed') &&
    'refusal' in event &&
    isDeepStrictEqual(nextState.output, { outcome: 'failed', ...event.refusal }),
);
whenever(
  'AF-5 nothing else is',
  ({ nextState }) => nextState.matches('failed'),
  comes('application.failed', 'endpoint.failed'),
);

whenever(
  'AF-5 drained, it revokes its endpoints, and then drains its applications',
  (step) => comes('drain')(step) && !isDraining(step.state) && !isClosing(step.state),
  (step) =>
    isDraining(step.nextState) &&
    step.nextState.context.awaited === children.length &&
    isDeepStrictEqual(
      step.effects.flatMap((effect) => (effect.type === 'send' ? [effect.to] : [])),
      ['stack', 'stack', ...children],
    ) &&
    sends('drain')(step).join() === children.join() &&
    sent(step, 'stack')
      .map((event) => `${event.type} ${String(event.vipa)}`)
      .join() === 'endpoint.revoked chat,endpoint.revoked shop',
);
whenever(
  'AF-5 drained again, it goes on as it was',
  (step) => comes('drain')(step) && (isDraining(step.state) || isClosing(step.state)),
  ({ stirs }) => !stirs,
);
whenever(
  'AF-5 each application that closes counts once',
  (step) => comes('application.closed')(step) && isDraining(step.state) && !isLastWord(step),
  ({ state, nextState }) =>
    isDraining(nextState) && nextState.context.awaited === state.context.awaited - 1,
);
whenever(
  'AF-5 the stack is drained when the last has closed, or at the limit',
  (step) =>
    isDraining(step.state) &&
    (isTimer(step) || (comes('application.closed')(step) && isLastWord(step))),
  (step) => isClosing(step.nextState) && sends('drain')(step).join() === 'stack',
);
whenever(
  'AF-5 the stack is drained at no other time',
  (step) => sends('drain')(step).includes('stack'),
  (step) => isDraining(step.state) && isClosing(step.nextState),
);
throughout(
  'AF-5 both waits are bounded',
  (state) => isDraining(state) || isClosing(state),
  ({ timers }) => timers.some((timer) => timer.includes('.drainLimit.')),
);
whenever(
  'AF-5 it stops when its stack has closed, or at the limit',
  (step) => isClosing(step.state) && (isTimer(step) || comes('stack.closed')(step)),
  ({ nextState }) =>
    nextState.matches('stopped') && isDeepStrictEqual(nextState.output, { outcome: 'stopped' }),
);
whenever(
  'AF-5 it stops at no other time',
  ({ nextState }) => nextState.matches('stopped'),
  ({ state }) => isClosing(state),
);
claim('AF-5 told to drain, it ends, though nobody answers', (walk) => {
  const isSure = (step: Step<Machine>) => isTimer(step) || comes('drain')(step);
  return unlike(outOfReach(walk, isDone, { by: isSure }), []);
});

prove();

test('AF-5 a node without applications and endpoints is ready at once', () => {
  const idle = { ...input, applications: [], endpoints: [] };
  const { start } = explore(machine, { input: idle, environment: environment.node });
  expect(start.state.hasTag('ready')).toBe(true);
});
