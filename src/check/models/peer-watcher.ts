/**
 * The node that watches a peer, and the peer, which answers while it is there. What becomes of the
 * peer in the world is kept by the watcher too, so that it sends nothing to one that is not there.
 */
import { assign, enqueueActions, setup, type AnyActorRef } from 'xstate';
import { membershipMachine } from '../../../actors/messaging/membership.ts';

export type Told = 'joining' | 'alive' | 'suspect' | 'dead' | 'left' | 'forgotten';

export interface Watcher {
  /** In the world: it answers, has died or stands still, or has left. */
  readonly is: 'here' | 'silent' | 'away';
  readonly returnsLeft: number;
  readonly accusationsLeft: number;
  /** Answers that may be late. */
  readonly latenessLeft: number;
  /** Of the row that the watcher holds. */
  readonly row: 'present' | 'gone' | 'left' | 'expired';
  readonly told: Told;
  readonly isSought: boolean;
  readonly isUnderway: boolean;
  /** In the life of the row: an answer has come. */
  readonly isHeard: boolean;
  /** A probe has failed, or another accused it, since it was heard. */
  readonly isBlamed: boolean;
  readonly isAccused: boolean;
  readonly isRenewed: boolean;
  readonly hasRisen: boolean;
  readonly fault: 'none' | 'no cause' | 'not believed';
}
type WatcherEvent =
  | { type: 'answer' } // of the peer
  | { type: 'die' | 'leave' | 'return' | 'accuse' | 'lag' | 'expire' } // of the world
  | { type: 'told'; status: Told } // the reports of its membership
  | { type: 'sought'; isSought: boolean }
  | { type: 'declared' };

const start: Watcher = {
  is: 'here',
  returnsLeft: 1,
  accusationsLeft: 1,
  latenessLeft: 1,
  row: 'present',
  told: 'joining',
  isSought: false,
  isUnderway: false,
  isHeard: false,
  isBlamed: false,
  isAccused: false,
  isRenewed: false,
  hasRisen: false,
  fault: 'none',
};

/** Whether what is told now may follow from what was before. */
function hasCause({ told, row, isHeard, isBlamed }: Watcher, status: Told): boolean {
  switch (status) {
    case 'alive':
      return isHeard;
    case 'suspect':
      return isBlamed;
    case 'dead':
      return told === 'suspect' && row === 'gone';
    case 'left':
      return told !== 'left' && row === 'left';
    case 'forgotten':
      return row === 'expired';
    case 'joining':
      return false;
  }
}

export const watcherMachine = setup({
  // oxlint-disable-next-line typescript/no-unnecessary-type-assertion -- xstate's way to give types
  types: {} as { context: Watcher; events: WatcherEvent; children: { member: 'member' } },
  actors: { member: membershipMachine },
  delays: { beat: 1, probeLimit: 1 },
  guards: {
    isKnown: ({ context: { row } }) => row !== 'expired',
    isHere: ({ context: { is } }) => is === 'here',
    isThere: ({ context: { is, row } }) => is !== 'silent' && row !== 'expired',
    mayReturn: ({ context: { is, returnsLeft, row } }) =>
      is !== 'here' && returnsLeft > 0 && row !== 'expired',
    mayAccuse: ({ context: { accusationsLeft, row } }) => accusationsLeft > 0 && row === 'present',
    mayExpire: ({ context: { row } }) => row === 'gone' || row === 'left',
    mayFail: ({ context: { is, latenessLeft } }) => is !== 'here' || latenessLeft > 0,
  },
  actions: {
    probe: enqueueActions(({ context: { is, isUnderway }, system, enqueue }) => {
      if (is !== 'here' || isUnderway) return;
      enqueue.assign({ isUnderway: true });
      enqueue.sendTo(system.get('peer') as AnyActorRef, { type: 'probe' });
    }),
    hear: enqueueActions(({ context: { row, told, is }, enqueue }) => {
      const isBelieved = ['alive', 'left', 'forgotten'].includes(told);
      enqueue.assign({ isUnderway: false, isHeard: true, isBlamed: false, isAccused: false });
      if (row === 'present' || row === 'gone') {
        if (!isBelieved) enqueue.assign({ fault: 'not believed' });
        enqueue.sendTo('member', { type: 'peer.heard' });
      }
      // Who is declared gone, and is there, refutes it.
      if (row !== 'gone' || is !== 'here') return;
      enqueue.assign({ row: 'present', isRenewed: true });
      enqueue.sendTo('member', { type: 'row.renewed' });
    }),
    fail: enqueueActions(({ context: { is, latenessLeft }, enqueue }) => {
      if (is === 'here') enqueue.assign({ latenessLeft: latenessLeft - 1 });
      enqueue.assign({ isBlamed: true });
      enqueue.sendTo('member', { type: 'probe.failed' });
    }),
    leave: enqueueActions(({ enqueue }) => {
      enqueue.assign({ is: 'away', row: 'left', isAccused: false, isRenewed: false });
      enqueue.sendTo('member', { type: 'row.left' });
    }),
    comeBack: enqueueActions(({ context: { returnsLeft, told }, enqueue }) => {
      if (told === 'left') enqueue.assign({ told: 'joining' }); // It may leave again.
      enqueue.assign({ is: 'here', returnsLeft: returnsLeft - 1, row: 'present' });
      enqueue.assign({ isHeard: false, isRenewed: true, isAccused: false });
      enqueue.sendTo('member', { type: 'row.renewed' });
    }),
    accuse: enqueueActions(({ context: { accusationsLeft }, enqueue }) => {
      enqueue.assign({ accusationsLeft: accusationsLeft - 1, row: 'gone' });
      enqueue.assign({ isBlamed: true, isAccused: true, isRenewed: false });
      enqueue.sendTo('member', { type: 'row.gone' });
    }),
    lag: enqueueActions(({ enqueue }) => enqueue.sendTo('member', { type: 'self.lagged' })),
    expire: enqueueActions(({ enqueue }) => {
      enqueue.assign({ row: 'expired' });
      enqueue.sendTo('member', { type: 'row.expired' });
    }),
    note: assign(({ context }, status: Told) => ({
      told: status,
      hasRisen: context.hasRisen || (context.told === 'dead' && status === 'alive'),
      fault: !hasCause(context, status)
        ? ('no cause' as const)
        : context.fault === 'not believed' && status === 'alive'
          ? ('none' as const)
          : context.fault,
    })),
    declare: assign({
      row: ({ context: { row } }) => (row === 'present' ? ('gone' as const) : row),
      isRenewed: false,
    }),
    noteSought: assign({ isSought: (_, isSought: boolean) => isSought }),
  },
}).createMachine({
  id: 'watcher',
  context: start,
  invoke: { src: 'member', id: 'member', input: { suspicionMs: 1 } },
  on: {
    answer: { target: '.idle', actions: 'hear' },
    die: { guard: 'isHere', actions: assign({ is: 'silent' }) },
    leave: { guard: 'isThere', actions: 'leave' },
    return: { guard: 'mayReturn', actions: 'comeBack' },
    accuse: { guard: 'mayAccuse', actions: 'accuse' },
    lag: { guard: 'isKnown', actions: 'lag' },
    expire: { guard: 'mayExpire', actions: 'expire' },
    told: { actions: { type: 'note', params: ({ event }) => event.status } },
    sought: { actions: { type: 'noteSought', params: ({ event }) => event.isSought } },
    declared: { actions: 'declare' },
  },
  initial: 'idle',
  states: {
    idle: { after: { beat: { guard: 'isKnown', target: 'probing' } } },
    probing: {
      entry: 'probe',
      after: {
        probeLimit: [{ guard: 'mayFail', target: 'idle', actions: 'fail' }, { target: 'idle' }],
      },
    },
  },
});

export const answeringMachine = setup({
  // oxlint-disable-next-line typescript/no-unnecessary-type-assertion -- xstate's way to give types
  types: {} as { events: { type: 'probe' } },
  actions: {
    answer: enqueueActions(({ system, enqueue }) => {
      enqueue.sendTo(system.get('watcher') as AnyActorRef, { type: 'answer' });
    }),
  },
}).createMachine({ id: 'answering', on: { probe: { actions: 'answer' } } });
