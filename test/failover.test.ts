/**
 * Goal: a port leaves its target only when somebody has decided so, for one candidate after the
 * other, each under an epoch of its own; a word of an earlier one counts for nothing (DP-8).
 * Method: walk the shipped machine in each mode over all that its environment may do and words of
 * every epoch at any time; each claim is an implication over every step, and each mutant must break
 * one.
 */
import { environment, failoverMachine as machine, type FailoverInput } from 'interplex/actors';
import type { Epoch, NodeId } from '#actors/vocabulary';
import { explore, type State, type Step } from 'interplex/check';
import { claimsOn, joined, unlike } from './support/machine-claims.ts';
import { comes, isIn, isTimer, sent, tells } from './support/step-words.ts';

type Machine = typeof machine;
const candidates = ['hall-1', 'hall-2'] as NodeId[];
const input: FailoverInput = {
  mode: 'client',
  candidates,
  isDecided: false,
  epoch: 1 as Epoch,
  answerMs: 50,
};
const walkOf = (shipped: Machine) => {
  const walk = (changes: Partial<FailoverInput>) =>
    explore(shipped, {
      input: { ...input, ...changes },
      environment: environment.failover,
      limit: 200,
    });
  return joined(
    walk({}),
    walk({ candidates: [] }),
    walk({ isDecided: true }),
    walk({ mode: 'automatic' }),
    walk({ mode: 'automatic', candidates: [] }),
  );
};
const { claim, whenever, throughout, prove } = claimsOn(machine, walkOf);

const isCurrent = ({ state, event }: Step<Machine>) =>
  'epoch' in event && event.epoch === state.context.epoch;
const isDecided = ({ context }: State<Machine>) =>
  context.isDecided || context.mode === 'automatic';
const chooses = (step: Step<Machine>) => sent(step, 'parent').length > 0;
/** Whom it takes next, of those that are left; nobody when none is. */
const goesOn = (step: Step<Machine>, left: readonly NodeId[]): boolean => {
  const [target] = left;
  if (target === undefined) {
    const output = { outcome: 'exhausted', epoch: step.state.context.epoch };
    return isIn('exhausted')(step.nextState) && !unlike(step.nextState.output, output);
  }
  const epoch = step.state.context.epoch + 1;
  return (
    tells(step, { type: 'target.chosen', target, epoch }) &&
    step.nextState.context.epoch === epoch &&
    !unlike(step.nextState.context.candidates, left.slice(1))
  );
};

claim('every state is entered and every transition taken', ({ coverage }) =>
  unlike(coverage, { unentered: [], untaken: [] }),
);
claim('DP-8 decided already, or by itself, it takes the first at once', ({ start }) => {
  const first = { type: 'target.chosen', target: 'hall-1', epoch: 2 };
  return unlike(sent(start, 'parent'), [first, first]);
});
throughout('DP-8 undecided it waits for its client, however long', isIn('deciding'), (state) => {
  return !isDecided(state) && state.timers.length === 0;
});
whenever(
  'DP-8 undecided, no word but the client’s moves it',
  (step) => isIn('deciding')(step.state) && !comes('failover')(step),
  ({ stirs }) => !stirs,
);
whenever(
  'DP-8 its client decides: where to go first, or the next in order',
  (step) => isIn('deciding')(step.state) && comes('failover')(step),
  (step) => {
    const { to } = step.event as { to?: NodeId };
    const given = step.state.context.candidates;
    const others = given.filter((node) => node !== to);
    return goesOn(step, to === undefined ? given : [to, ...others]);
  },
);
whenever(
  'DP-8 who answers is the target',
  (step) => isIn('establishing')(step.state) && comes('target.reached')(step) && isCurrent(step),
  ({ state, nextState }) =>
    nextState.status === 'done' &&
    !unlike(nextState.output, { outcome: 'reached', target: state.context.target }),
);
whenever(
  'DP-8 who does not answer, or not in time, is passed over',
  (step) =>
    isIn('establishing')(step.state) &&
    (isTimer(step) || (comes('target.unreached')(step) && isCurrent(step))),
  (step) => goesOn(step, step.state.context.candidates),
);
whenever(
  'DP-8 a word of another epoch changes nothing',
  (step) => comes('target.reached', 'target.unreached')(step) && !isCurrent(step),
  ({ stirs }) => !stirs,
);
whenever(
  'DP-8 once under way, its client’s word changes nothing',
  (step) => isIn('establishing')(step.state) && comes('failover')(step),
  ({ stirs }) => !stirs,
);
whenever('DP-8 each choice is of another epoch', chooses, ({ state, nextState }) => {
  return nextState.context.epoch === state.context.epoch + 1;
});
throughout(
  'DP-8 the wait for an answer is bounded',
  isIn('establishing'),
  ({ timers }) => timers.length === 1 && timers[0]!.includes('answerLimit'),
);

prove({});
