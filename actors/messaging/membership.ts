/**
 * One peer as this node sees it (CM-6): SWIM's alive, suspect and dead (Das, Gupta, Motivala 2002),
 * with Lifeguard's care (Dadgar, Phillips, Currey 2018): a node that stood still accuses nobody.
 * Unlike there, another's accusation is looked into before it is believed, and what is told to all
 * is a row of the address table.
 */
import { setup } from 'xstate';
import { unprovided } from '../unprovided.ts';

export interface MembershipInput {
  /** How long a suspect may take to be heard. */
  readonly suspicionMs: number;
}
export type MembershipEvent =
  | { type: 'peer.heard' } // over any adapter, or by who was asked to look
  | { type: 'probe.failed' } // neither it nor those who were asked to look for it answered in time
  | { type: 'self.lagged' } // this node's own event loop stood still: its timers mean nothing
  | { type: 'row.gone' } // somebody declares it gone
  | { type: 'row.left' } // it says that it leaves
  | { type: 'row.renewed' } // it refutes, or is there again: a row that follows the last one
  | { type: 'row.expired' };

export const membershipMachine = setup({
  types: {} as { context: MembershipInput; input: MembershipInput; events: MembershipEvent },
  actions: {
    investigate: unprovided('investigate'),
    ceaseInvestigation: unprovided('ceaseInvestigation'),
    declareGone: unprovided('declareGone'),
    reportAlive: unprovided('reportAlive'),
    reportSuspect: unprovided('reportSuspect'),
    reportDead: unprovided('reportDead'),
    reportLeft: unprovided('reportLeft'),
    forget: unprovided('forget'),
  },
  delays: { suspicionLimit: ({ context }) => context.suspicionMs },
}).createMachine({
  id: 'membership',
  context: ({ input }) => input,
  initial: 'joining',
  on: { 'row.left': '.left', 'row.expired': '.forgotten' },
  states: {
    // Its row is known, and nothing has come from itself.
    joining: { on: { 'peer.heard': 'alive', 'probe.failed': 'suspect', 'row.gone': 'suspect' } },
    alive: {
      entry: 'reportAlive',
      on: { 'probe.failed': 'suspect', 'row.gone': 'suspect' },
    },
    suspect: {
      entry: 'reportSuspect',
      exit: 'ceaseInvestigation',
      on: { 'peer.heard': 'alive' },
      initial: 'investigated',
      states: {
        investigated: {
          entry: 'investigate',
          on: { 'self.lagged': { target: 'investigated', reenter: true } },
          after: { suspicionLimit: '#membership.dead' },
        },
      },
    },
    // Whoever answers is not dead, even before its refutation has come.
    dead: {
      entry: ['declareGone', 'reportDead'],
      on: { 'peer.heard': 'alive', 'row.renewed': 'joining' },
    },
    left: {
      entry: 'reportLeft',
      on: { 'row.renewed': 'joining', 'row.left': {} },
    },
    forgotten: { type: 'final', entry: 'forget' },
  },
});
