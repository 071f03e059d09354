/**
 * Goal: the composed models hold what they claim: of each machine in them every guard, timer,
 * target, action and transition counts (AF-8, CM-1, CM-3, CM-6, CT-7, CT-14, SP-2).
 * Method: one of them at a time is taken out or changed, and the small models are checked until one
 * is violated. What none of them sees is excused by name; each of those that is not equivalent is
 * seen by the claims on its machine alone. Here every third is tried; `INTERPLEX_CHECK=all`, as
 * `npm run soak -- check` has it, tries all, and shows that the excused are needed.
 */
import {
  adapterMachine,
  incomingTransferMachine,
  membershipMachine,
  messengerMachine,
  outgoingTransferMachine,
  pathMachine,
  portSeatMachine,
  vipaMachine,
} from 'interplex/actors';
import { hostPortsModel } from '#internal/check/models/host-ports';
import { peerModel } from '#internal/check/models/peer';
import { stationModel } from '#internal/check/models/station';
import { takeoverModel } from '#internal/check/models/takeover';
import { transferModel } from '#internal/check/models/transfer';
import { wayModel } from '#internal/check/models/way';
import { describe } from 'vitest';
import { proveInModels } from './support/model-mutants.ts';

const whole = { isCalledOff: true, isWatched: true, isOfRuns: true };
const faults = { order: 'none', loss: 'possible', duplication: 'possible' } as const;

const excusedOfGiver = {
  'An attempt being left, it goes on to choosing at once.': ['underway: starts in retrying'],
  'Nothing is frozen before an acceptance.': [
    'underway.offered.unanswered: after answerLimit: no thaw',
  ],
  'Who has confirmed has won custody, so that there is no later attempt.': [
    'underway.committed: on transfer.confirmed: no guard',
  ],
  'Custody answers each asking alike: to ask it twice is in vain, and harmless.': [
    'underway: after deadline (1): removed',
  ],
  'It only ends later, by another limit.': [
    'underway.offered.unanswered: after answerLimit: removed',
    'underway.committed.unconfirmed: on offer.rejected: removed',
    'underway.committed.unconfirmed: after confirmLimit: removed',
  ],
  'The target only keeps its place until that expires.': [
    'underway: after deadline (2): no cancelOffer',
    'underway: after deadline (3): no cancelOffer',
    'underway.offered.unanswered: after answerLimit: no cancelOffer',
    'underway.committed.unconfirmed: after confirmLimit: no cancelOffer',
  ],
  'A target that is lost hears of no cancellation.': [
    'underway.offered: on target.lost: no cancelOffer',
  ],
  'A client called off is moved all the same, whole; or is refused later.': [
    'underway.choosing: on client.unmovable: removed',
    'underway.choosing: on cancel: removed',
    'underway.offered: on cancel: removed',
    'underway.committed: on client.unmovable: removed',
    'underway.committed: on client.unmovable: no exhaustAttempts',
    'underway.committed: on cancel: removed',
    'underway.committed: on cancel: no exhaustAttempts',
    'underway.choosing: on target.none: to #outgoingTransfer.underway',
  ],
  'Another reason is told than the one there was.': [
    'underway: after deadline (4): no noteRefusal',
    'underway.choosing: on target.none: no noteRefusal',
    'underway.choosing: on client.unmovable: no noteRefusal',
    'underway.choosing: on cancel: no noteRefusal',
    'underway.committed: on client.unmovable: no noteRefusal',
    'underway.committed: on cancel: no noteRefusal',
  ],
};

describe('AF-8 CT-7 the giver’s side', () => {
  const modelsOf = (outgoing: typeof outgoingTransferMachine) => [
    transferModel({ ...whole, isPrompt: true, outgoing }),
    transferModel({ ...whole, outgoing }),
    transferModel({ ...whole, isSlow: true, outgoing }),
  ];
  proveInModels(outgoingTransferMachine, modelsOf, excusedOfGiver);
});

describe('AF-8 CT-6 the target’s side', () => {
  const modelsOf = (incoming: typeof incomingTransferMachine) => [
    transferModel({ ...whole, isPrompt: true, incoming }),
    transferModel({ ...whole, incoming }),
    transferModel({ ...whole, attempts: [1], network: faults, incoming }),
  ];
  proveInModels(incomingTransferMachine, modelsOf, {
    'The giver only learns of it by its own limit.': [
      'offered.considered: after considerLimit: no sendReject',
      'offered.reserved: after reserveLimit: no sendReject',
    ],
    'Who misses it was given up already: nobody waits for the word.': [
      'claiming: on custody.missed: no sendReject',
    ],
  });
});

describe('AF-8 CT-14 a VIPA', () => {
  const modelsOf = (vipa: typeof vipaMachine) => [
    takeoverModel({ vipa }),
    takeoverModel({ vipa, takeback: 'immediate', isTroubled: true, isSlow: true }),
    takeoverModel({ vipa, isTroubled: true }),
    takeoverModel({ vipa, nodes: 3, crashes: 2, restarts: 2 }),
  ];
  proveInModels(vipaMachine, modelsOf, {
    'A backup that asks at its start comes after the owner, which is there first.': [
      'vipa: starts in acquiring',
    ],
    'Both are final, and nobody outside sees in which it ended.': [
      'vipa: on revoke: to #vipa.failed',
      'abandoning: on lease.granted: to #vipa.failed',
      'abandoning: on lease.denied: to #vipa.failed',
    ],
    'It is settled later, when it serves.': ['denied: no entry reportSettled'],
    'It only asks later, after its pause.': ['denied: on lease.freed: removed'],
    'Nobody takes the lease of a node that lives.': [
      'owner: on lease.lost: removed',
      'owner: on lease.lost: no guard',
      'owner: on lease.lost: to #vipa.acquiring',
    ],
    'A listener ends with its epoch, and what it would have said with it.': [
      'owner: on listener.failed: no guard',
      'owner.listening.opening: on listener.opened: no guard',
    ],
  });
});

describe('AF-8 CM-1 a messenger and its addresses', () => {
  proveInModels(messengerMachine, (messenger) => [stationModel({ messenger })], {
    'Both are final, and there is no reason to tell.': [
      'messenger: on close: to #messenger.failed',
      'opening: on leave: to #messenger.failed',
      'draining: on messages.drained: to #messenger.failed',
      'draining: after drainLimit: to #messenger.failed',
    ],
    'It only ends later, by its limit.': ['draining: on messages.drained: removed'],
  });
  proveInModels(adapterMachine, (adapter) => [stationModel({ adapter })], {
    'It only opens later, after a pause.': ['adapter: starts in reopening'],
    'The station hears of a socket by its address alone.': ['carried: starts in open'],
  });
});

describe('AF-8 CM-3 the way to an address', () => {
  const modelsOf = (path: typeof pathMachine) => [
    wayModel({ path }),
    wayModel({ path, isRefusing: true }),
  ];
  proveInModels(pathMachine, modelsOf, {
    'It is told unreachable a second time, which its owner passes over.': [
      'unreachable: on send.failed: removed',
    ],
  });
});

describe('AF-8 CM-6 what is thought of a peer', () => {
  const modelsOf = (membership: typeof membershipMachine) => [peerModel({ membership })];
  proveInModels(membershipMachine, modelsOf, {
    'How long a timer takes is not in a model: it may fire at once, lag or not.': [
      'suspect.investigated: on self.lagged: removed',
      'suspect.investigated: on self.lagged: to #membership.dead',
    ],
  });
});

describe('AF-8 SP-2 a process at the ports of its host', () => {
  const modelsOf = (seat: typeof portSeatMachine) => [
    hostPortsModel({ seat }),
    hostPortsModel({ seat, leaves: 1 }),
  ];
  proveInModels(portSeatMachine, modelsOf, {
    'It stands a little later, or finds whom it would have found.': [
      'portSeat: starts in pausing',
      'portSeat: starts in joining',
    ],
    'All share alike, and the system does not say no.': [
      'standing: on seat.refused: removed',
      'standing: on seat.refused: to #portSeat.left',
      'takingOver: on seat.refused: removed',
      'takingOver: on seat.refused: to #portSeat.left',
      'joining: on seat.refused: removed',
      'joining: on seat.refused: to #portSeat.left',
    ],
    'How long an answer takes is not in a model; a connection may be cut instead.': [
      'joining: after answerLimit: removed',
      'joining: after answerLimit: to #portSeat.refused',
    ],
    'A connection that is lost needs no closing, and with a process all of its own are closed.': [
      'pausing: no entry hangUp',
      'refused: no entry giveUp',
      'left: no entry giveUp',
    ],
  });
});
