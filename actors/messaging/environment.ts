/** What the world may do to the machines of messaging. */
import { none, refusal, type Environment } from '../alternatives.ts';
import type { adapterMachine } from './adapter.ts';
import type { membershipMachine } from './membership.ts';
import type { messengerMachine } from './messenger.ts';
import type { pathMachine } from './path.ts';

export const messenger: Environment<typeof messengerMachine, 'countFailure' | 'noteRefusal'> = {
  effects: {
    // Each adapter answers once, in its own time.
    openAdapters: ({ context: { awaited } }) => {
      const answers = Array.from({ length: awaited + 1 }, (_, opened) => [
        ...Array.from({ length: opened }, () => ({ type: 'adapter.opened' }) as const),
        ...Array.from(
          { length: awaited - opened },
          () => ({ type: 'adapter.failed', refusal }) as const,
        ),
      ]);
      return [...answers, ...answers.map((answer) => answer.toReversed())];
    },
    join: none,
    sayGoodbye: () => [{ type: 'messages.drained' }],
    closeAdapters: none,
  },
  silences: { closeAdapters: ['openAdapters', 'sayGoodbye'] },
  unasked: [{ type: 'leave' }, { type: 'close' }, { type: 'name.taken', refusal }],
};

export const adapter: Environment<typeof adapterMachine, 'noteFailure' | 'noteOpen'> = {
  effects: {
    socket: () => {
      const failed = { type: 'socket.failed', refusal } as const;
      return [[{ type: 'socket.opened' }, failed], failed];
    },
    reportOpen: none,
    reportFailed: none,
  },
  unasked: [{ type: 'close' }],
};

export const path: Environment<typeof pathMachine, 'beginProbation' | 'countAnswer'> = {
  effects: {
    reportReachable: none,
    reportSuspect: none,
    reportUnreachable: none,
    reportProbation: none,
  },
  unasked: [{ type: 'answer.heard' }, { type: 'answer.missed' }, { type: 'send.failed' }],
};

export const membership: Environment<typeof membershipMachine> = {
  effects: {
    investigate: () => [{ type: 'peer.heard' }],
    ceaseInvestigation: none,
    declareGone: none,
    reportAlive: none,
    reportSuspect: none,
    reportDead: none,
    reportLeft: none,
    forget: none,
  },
  // One search at a time.
  silences: { investigate: ['investigate'], ceaseInvestigation: ['investigate'] },
  unasked: [
    { type: 'peer.heard' },
    { type: 'probe.failed' },
    { type: 'self.lagged' },
    { type: 'row.gone' },
    { type: 'row.left' },
    { type: 'row.renewed' },
    { type: 'row.expired' },
  ],
};
