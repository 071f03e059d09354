/**
 * What both kinds of applications promise, whatever else they do: the channel is opened when the
 * module is loaded, on draining clients go before it closes, and it closes once (CT-12, AF-5).
 */
import type { AnyStateMachine } from 'xstate';
import type { ApplicationName } from '#actors/vocabulary';
import { outOfReach } from 'interplex/check';
import { unlike, type Claims } from './machine-claims.ts';
import { comes, does, isDone, isIn, isTimer, performed, sent, tells } from './step-words.ts';
import type { Happening } from './step-words.ts';

interface Life<Machine extends AnyStateMachine> {
  readonly claims: Claims<Machine>;
  readonly application: ApplicationName;
  /** The state in which the machine's channel is open. */
  readonly open: string;
}

export function claimApplicationLife<Machine extends AnyStateMachine>(life: Life<Machine>): void {
  claimOpening(life);
  claimFailing(life);
  claimDraining(life);
  claimClosing(life);
}

function claimOpening<Machine extends AnyStateMachine>({
  claims,
  application,
  open,
}: Life<Machine>) {
  const { claim, whenever } = claims;
  const isOpen = isIn(open);

  claim('every state is entered and every transition taken', ({ coverage }) =>
    unlike(coverage, { unentered: [], untaken: [] }),
  );

  claim('CT-12 the module is loaded first, once', ({ start, steps }) => {
    return unlike([performed(start), steps.filter(does('load'))], [['load'], []]);
  });
  whenever(
    'CT-12 its channel is opened when the module is there',
    (step) => comes('module.loaded')(step) && isIn('loading')(step.state),
    (step) => isIn('opening')(step.nextState) && performed(step).join() === 'openChannel',
  );
  whenever(
    'CT-12 at no other time',
    does('openChannel'),
    (step) => comes('module.loaded')(step) && isIn('loading')(step.state),
  );
  whenever(
    'CT-12 the node is told when the channel is open, and it is open then',
    (step) => comes('channel.opened')(step) && isIn('opening')(step.state),
    (step) => isOpen(step.nextState) && tells(step, { type: 'application.opened', application }),
  );
  whenever(
    'CT-12 it is open at no other time',
    (step) =>
      (!isOpen(step.state) && isOpen(step.nextState)) ||
      sent(step, 'parent').some(({ type }) => type === 'application.opened'),
    (step) => comes('channel.opened')(step) && isIn('opening')(step.state),
  );
}

function claimFailing<Machine extends AnyStateMachine>({ claims, application }: Life<Machine>) {
  const { whenever } = claims;

  for (const [place, failure] of [
    ['loading', 'module.failed'],
    ['opening', 'channel.refused'],
  ] as const) {
    whenever(
      `AF-5 ${failure} is told to the node with its reason`,
      (step) => comes(failure)(step) && isIn(place)(step.state),
      (step) => {
        const { event }: Happening = step;
        const refusal = 'refusal' in event && event.refusal;
        const failed = { type: 'application.failed', application, refusal };
        return isIn('failed')(step.nextState) && tells(step, failed);
      },
    );
  }
}

function claimDraining<Machine extends AnyStateMachine>({ claims, open }: Life<Machine>) {
  const { claim, whenever, throughout } = claims;
  const isOpen = isIn(open);

  whenever(
    'AF-5 drained before it is open, it closes at once',
    (step) => comes('drain')(step) && !isOpen(step.state) && !isIn('draining')(step.state),
    ({ nextState }) => isIn('closed')(nextState),
  );
  whenever(
    'AF-5 drained while open, it lets its clients go first',
    (step) => comes('drain')(step) && isOpen(step.state),
    (step) => isIn('draining')(step.nextState) && performed(step).at(-1) === 'sayGoodbye',
  );
  whenever('AF-5 they are told once', does('sayGoodbye'), ({ state }) => isOpen(state));
  throughout(
    'AF-5 the waiting is bounded',
    (state) => isIn('draining')(state),
    ({ timers }) => timers.some((timer) => timer.includes('.drainLimit.')),
  );
  whenever(
    'AF-5 when they are gone, or at the limit, it closes',
    (step) => isIn('draining')(step.state) && (isTimer(step) || comes('clients.gone')(step)),
    ({ nextState }) => isIn('closed')(nextState),
  );
  claim('AF-5 told to drain, it ends, though its clients stay', (walk) => {
    const isSure = (step: Happening) => isTimer(step) || comes('drain')(step);
    return unlike(outOfReach(walk, isDone, { by: isSure }), []);
  });
}

function claimClosing<Machine extends AnyStateMachine>({ claims, application }: Life<Machine>) {
  const { whenever } = claims;

  whenever(
    'AF-5 its end closes the channel',
    ({ nextState }) => isDone(nextState),
    (step) => performed(step).filter((name) => name === 'closeChannel').length === 1,
  );
  whenever('AF-5 nothing else does', does('closeChannel'), ({ nextState }) => isDone(nextState));
  whenever(
    'AF-5 the node is told that it closed',
    ({ nextState }) => isIn('closed')(nextState),
    (step) => tells(step, { type: 'application.closed', application }),
  );
}
