/**
 * Goal: the giver's side of a transfer keeps the client whole, moves it once or not at all, and
 * ends, whatever the target, the client and the application do, and whenever (CT-7).
 * Method: walk the shipped machine over all that its environment may do, with two attempts and two
 * targets; each claim is an implication over every step, and each mutant must break one.
 */
import { isDeepStrictEqual } from 'node:util';
import { environment, outgoingTransferMachine as machine } from 'interplex/actors';
import type { OutgoingTransfer } from 'interplex/actors';
import { explore, outOfReach } from 'interplex/check';
import type { State, Step } from 'interplex/check';
import { expect, test } from 'vitest';
import { claimsOn, unlike } from './support/machine-claims.ts';
import { does, isTimer, performed, sizeOf } from './support/step-words.ts';

type Machine = typeof machine;
const limits = { deadlineMs: 1_000, answerMs: 100, confirmMs: 100 };
const input = { attemptsMax: 2, limits };
const walkOf = (shipped: Machine) =>
  explore(shipped, { input, environment: environment.outgoingTransfer, limit: 20_000 });

const { claim, whenever, throughout, prove } = claimsOn(machine, walkOf);

const isUnderway = (state: State<Machine>) => state.matches('underway');
const isOffered = (state: State<Machine>) => state.matches({ underway: 'offered' });
const isChoosing = (state: State<Machine>) => state.matches({ underway: 'choosing' });
const isCommitted = (state: State<Machine>) => state.matches({ underway: 'committed' });
const isUnconfirmed = (state: State<Machine>) =>
  state.matches({ underway: { committed: 'unconfirmed' } });
const isReclaiming = (state: State<Machine>) =>
  state.matches({ underway: { committed: 'reclaiming' } });
const isRefused = (state: State<Machine>) => state.matches('refused');
const isDeadline = (step: Step<Machine>) => isTimer(step, 'deadline');
const attemptsOf = (state: State<Machine>) => state.context.attempts.length;
const isCurrent = ({ state, event }: Step<Machine>) =>
  'attempt' in event && event.attempt === attemptsOf(state);
const isAnswer = ({ event: { type } }: Step<Machine>) =>
  type.startsWith('offer.') || type === 'transfer.confirmed';

const isCalledOff = ({ type }: Step<Machine>['event']) =>
  type === 'client.unmovable' || type === 'cancel';
const isLoss = ({ event, state }: Step<Machine>) =>
  event.type === 'target.lost' && event.target === state.context.target;
/** Rejected, silent or lost, before the commit; or the client was kept after it. */
const isGivenUp = (step: Step<Machine>) =>
  isOffered(step.state)
    ? (step.event.type === 'offer.rejected' && isCurrent(step)) ||
      isTimer(step, 'answerLimit') ||
      isLoss(step)
    : isReclaiming(step.state) && step.event.type === 'custody.kept';
/** A target may still believe in an offer that is over. */
const isTold = (step: Step<Machine>) =>
  isOffered(step.state)
    ? isCalledOff(step.event) || isLoss(step) || isTimer(step, 'answerLimit') || isDeadline(step)
    : isUnconfirmed(step.state) && (isTimer(step, 'confirmLimit') || isDeadline(step));
const cancelledOffer = ({ effects }: Step<Machine>) => {
  const cancel = effects.find(
    (effect) => effect.type === 'action' && effect.name === 'cancelOffer',
  );
  return cancel?.type === 'action' && (cancel.context as OutgoingTransfer).attempts.length;
};
const codeOf = (event: Step<Machine>['event']) => {
  if ('refusal' in event) return event.refusal.code;
  if (event.type === 'target.lost') return 'IPX_TARGET_LOST';
  return isTimer({ event }, 'deadline') ? 'IPX_DEADLINE' : 'IPX_TARGET_SILENT';
};

test('the walked space is the one that was reviewed', () => {
  expect(sizeOf(walkOf(machine))).toMatchInlineSnapshot(`
    {
      "depth": 14,
      "states": 2969,
      "stirring": 9842,
    }
  `);
});
claim('every state is entered and every transition taken', ({ coverage }) =>
  unlike(coverage, { unentered: [], untaken: [] }),
);

whenever(
  'CT-7 a late answer to an earlier offer changes nothing',
  (step) => isAnswer(step) && !isCurrent(step),
  ({ stirs }) => !stirs,
);
whenever(
  'CT-7 the loss of another target changes nothing',
  ({ state, event }) => event.type === 'target.lost' && event.target !== state.context.target,
  ({ stirs }) => !stirs,
);

whenever(
  'CT-8 an offer goes to the target chosen',
  (step) => step.event.type === 'target.chosen' && isChoosing(step.state),
  ({ event, nextState, effects }) =>
    event.type === 'target.chosen' &&
    nextState.context.target === event.target &&
    nextState.matches({ underway: { offered: 'unanswered' } }) &&
    effects.some((effect) => effect.type === 'action' && effect.name === 'sendOffer'),
);
whenever(
  'CT-7 each offer uses up one of the bounded attempts',
  does('sendOffer'),
  ({ state, nextState }) =>
    state.context.attemptsLeft > 0 &&
    nextState.context.attemptsLeft === state.context.attemptsLeft - 1,
);
whenever(
  'CT-7 on rejection, silence or loss the next target is asked for while attempts are left',
  (step) => isGivenUp(step) && step.state.context.attemptsLeft > 0,
  (step) => isChoosing(step.nextState) && does('askForTarget')(step),
);
whenever(
  'CT-7 the last attempt is followed by the refusal',
  (step) => isGivenUp(step) && step.state.context.attemptsLeft === 0,
  ({ nextState }) => isRefused(nextState),
);
whenever(
  'CT-7 without a target, or called off before the commit, it is refused for that reason',
  ({ state, event }) =>
    (isCalledOff(event) && (isChoosing(state) || isOffered(state))) ||
    (event.type === 'target.none' && isChoosing(state)),
  ({ event, nextState }) =>
    isRefused(nextState) &&
    'refusal' in event &&
    nextState.context.refusal.code === event.refusal.code,
);
whenever(
  'CT-7 called off after the commit, it is the last attempt',
  ({ state, event }) => isCalledOff(event) && isCommitted(state),
  ({ state, event, nextState }) =>
    nextState.context.attemptsLeft === 0 &&
    nextState.matches(state.value) &&
    'refusal' in event &&
    nextState.context.refusal.code === event.refusal.code,
);

whenever(
  'CT-7 an attempt is remembered once, with its target and its reason',
  ({ state, nextState }) => attemptsOf(nextState) !== attemptsOf(state),
  ({ state, event, nextState }) => {
    const last = nextState.context.attempts.at(-1);
    const isOpen = isOffered(state) || isUnconfirmed(state);
    const isMore = attemptsOf(nextState) === attemptsOf(state) + 1;
    return (
      isOpen && isMore && last?.target === state.context.target && last?.code === codeOf(event)
    );
  },
);
whenever(
  'CT-7 an offer that came to nothing is remembered',
  ({ state, nextState }) =>
    (isOffered(state) && !isOffered(nextState) && !isCommitted(nextState)) ||
    (isUnconfirmed(state) && !isUnconfirmed(nextState) && !nextState.matches('transferred')),
  ({ state, nextState }) => attemptsOf(nextState) === attemptsOf(state) + 1,
);

whenever(
  'CT-7 an acceptance is followed by freezing, once',
  does('freeze'),
  ({ event, state }) =>
    event.type === 'offer.accepted' && state.matches({ underway: { offered: 'unanswered' } }),
);
whenever(
  'CT-6 nothing is committed before the client is frozen',
  does('commit'),
  ({ event, state, nextState }) =>
    event.type === 'client.frozen' &&
    state.matches({ underway: { offered: 'freezing' } }) &&
    isUnconfirmed(nextState),
);
whenever(
  'CT-7 whatever ends an offer before the commit leaves the client readable',
  ({ state, nextState }) => isOffered(state) && !isOffered(nextState) && !isCommitted(nextState),
  (step) => performed(step).filter((name) => name === 'thaw').length === 1,
);
whenever(
  'CT-6 the client is read again only before the commit, or when custody was kept',
  does('thaw'),
  ({ state, event }) => isOffered(state) || event.type === 'custody.kept',
);
whenever(
  'CT-7 custody kept: the client is whole again, and the transfer goes on',
  ({ state, event }) => isReclaiming(state) && event.type === 'custody.kept',
  (step) => does('thaw')(step) && !isCommitted(step.nextState),
);
whenever(
  'CT-6 from the commit on only custody or a confirmation says who owns the client',
  ({ state, nextState }) => isCommitted(state) && !isCommitted(nextState),
  (step) =>
    ['custody.kept', 'custody.passed'].includes(step.event.type) ||
    (step.event.type === 'transfer.confirmed' && isCurrent(step)),
);
whenever(
  'CT-6 the client is released exactly when it is the target’s',
  (step) => does('release')(step) || step.nextState.matches('transferred'),
  (step) =>
    isCommitted(step.state) &&
    (step.event.type === 'custody.passed' ||
      (step.event.type === 'transfer.confirmed' && isCurrent(step))) &&
    performed(step).join() === 'release',
);
whenever(
  'CT-6 a confirmation in time is the end',
  (step) =>
    step.event.type === 'transfer.confirmed' && isCurrent(step) && isUnconfirmed(step.state),
  ({ nextState }) => nextState.matches('transferred'),
);
whenever(
  'CT-6 custody passed is the end, however late it is known',
  ({ event, state }) => event.type === 'custody.passed' && isReclaiming(state),
  ({ nextState }) => nextState.matches('transferred'),
);
whenever(
  'CT-7 rejected or lost after the commit, custody is asked at once',
  (step) =>
    isUnconfirmed(step.state) &&
    ((step.event.type === 'offer.rejected' && isCurrent(step)) || isLoss(step)),
  ({ nextState }) => isReclaiming(nextState),
);
whenever(
  'CT-6 custody is asked once a commit',
  does('reclaim'),
  ({ state, nextState }) => isUnconfirmed(state) && isReclaiming(nextState),
);
throughout('CT-6 who waits for custody has asked it', isReclaiming, ({ outstanding }) =>
  outstanding.some(({ effect }) => effect === 'reclaim'),
);
whenever(
  'CT-7 a target that is not known to have given up is told of the cancellation',
  (step) => isTold(step),
  (step) => cancelledOffer(step) === attemptsOf(step.state),
);
whenever('CT-7 no other target is told of one', does('cancelOffer'), (step) => isTold(step));

throughout(
  'CT-7 one deadline runs over all attempts, until it has passed',
  (state) => isUnderway(state) && !(isReclaiming(state) && state.context.attemptsLeft === 0),
  ({ timers }) => timers.some((timer) => timer.includes('.deadline.')),
);
whenever(
  'CT-7 at the deadline what is not committed is refused for it',
  (step) => isDeadline(step) && !isCommitted(step.state),
  ({ nextState }) => isRefused(nextState) && nextState.context.refusal.code === 'IPX_DEADLINE',
);
whenever(
  'CT-7 at the deadline what is committed is reclaimed, and is the last attempt',
  (step) => isDeadline(step) && isCommitted(step.state),
  ({ nextState }) => isReclaiming(nextState) && nextState.context.attemptsLeft === 0,
);
throughout(
  'CT-7 silence is bounded: of an answer',
  (state) => state.matches({ underway: { offered: 'unanswered' } }),
  ({ timers }) => timers.some((timer) => timer.includes('.answerLimit.')),
);
throughout('CT-7 silence is bounded: of a confirmation', isUnconfirmed, ({ timers }) =>
  timers.some((timer) => timer.includes('.confirmLimit.')),
);

throughout(
  'CT-7 the application is told how it ended',
  ({ status }) => status === 'done',
  ({ context: { target, attempts, refusal }, output, matches }) => {
    const refused = { outcome: 'refused', ...refusal, attempts };
    const expected = matches('transferred') ? { outcome: 'transferred', target } : refused;
    return isDeepStrictEqual(output, expected);
  },
);
throughout(
  'CT-7 never more attempts than were allowed',
  () => true,
  ({ context: { attempts, attemptsMax } }) => attempts.length <= attemptsMax,
);
claim('CT-7 each transfer ends, though everybody but custody is silent for ever', (walk) => {
  const isSure = (step: Step<Machine>) => isTimer(step) || step.event.type.startsWith('custody.');
  return unlike(
    outOfReach(walk, ({ status }) => status === 'done', { by: isSure }),
    [],
  );
});

prove({
  'underway: starts in retrying': 'An attempt being left, it goes on to choosing at once.',
});
