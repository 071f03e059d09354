/** What the world may do to the machines of a transfer, of a stack and of its applications. */
import { none, refusal, targets, type Environment } from '../alternatives.ts';
import type { VipaName } from '../vocabulary.ts';
import type { EndpointDuty } from '../vipa.ts';
import type { incomingTransferMachine } from './incoming-transfer.ts';
import type { outgoingTransferMachine } from './outgoing-transfer.ts';
import type { routingApplicationMachine } from './routing-application.ts';
import type { stackMachine } from './stack.ts';
import type { targetApplicationMachine } from './target-application.ts';

const vipas = ['chat', 'shop'] as VipaName[];

export const outgoingTransfer: Environment<
  typeof outgoingTransferMachine,
  'noteTarget' | 'noteRefusal' | 'noteAttempt' | 'exhaustAttempts'
> = {
  effects: {
    askForTarget: () => [
      ...targets.map((target) => ({ type: 'target.chosen', target }) as const),
      { type: 'target.none', refusal },
    ],
    sendOffer: ({ context: { attempts } }) => {
      const attempt = attempts.length;
      const rejected = { type: 'offer.rejected', attempt, refusal } as const;
      // A place that was kept expires: an acceptance may be taken back.
      return [[{ type: 'offer.accepted', attempt }, rejected], rejected];
    },
    cancelOffer: none,
    freeze: () => [{ type: 'client.frozen' }, { type: 'client.unmovable', refusal }],
    thaw: none,
    commit: ({ context: { attempts } }) => [
      { type: 'transfer.confirmed', attempt: attempts.length },
      { type: 'offer.rejected', attempt: attempts.length, refusal },
    ],
    reclaim: () => [{ type: 'custody.kept' }, { type: 'custody.passed' }],
    release: none,
  },
  silences: { thaw: ['freeze'] },
  unasked: [
    ...targets.map((target) => ({ type: 'target.lost', target }) as const),
    { type: 'client.unmovable', refusal },
    { type: 'cancel', refusal },
  ],
};

export const incomingTransfer: Environment<typeof incomingTransferMachine> = {
  effects: {
    consider: () => [{ type: 'application.accepted' }, { type: 'application.rejected', refusal }],
    sendAccept: () => [{ type: 'transfer.committed' }],
    sendReject: none,
    claim: () => [{ type: 'custody.claimed' }, { type: 'custody.missed' }],
    adopt: () => [{ type: 'client.adopted' }, { type: 'client.broken' }],
    confirm: none,
    serve: none,
    dismiss: none,
  },
  unasked: [{ type: 'offer.cancelled' }, { type: 'giver.lost' }],
};

const endpointOf = (name: VipaName): EndpointDuty => ({
  vipa: name,
  preference: targets,
  takeback: 'whenIdle',
});

export const stack: Environment<
  typeof stackMachine,
  'open' | 'revoke' | 'revokeAll' | 'forget' | 'tellMembers'
> = {
  effects: {
    vipa: ({ params: { vipa: name }, received }) => {
      if (received !== undefined) return [];
      const settled = { type: 'vipa.settled', vipa: name } as const;
      const failed = { type: 'vipa.failed', vipa: name, refusal } as const;
      const ended = { type: `xstate.done.actor.${name}` } as const;
      return [[settled, failed, ended], [settled, ended], [failed, ended], ended];
    },
    awaitTransfers: () => [{ type: 'transfers.settled' }],
    closeClients: none,
  },
  unasked: [
    ...vipas.flatMap((name) => [
      { type: 'endpoint.granted', endpoint: endpointOf(name) } as const,
      { type: 'endpoint.revoked', vipa: name } as const,
    ]),
    { type: 'members.changed', living: targets },
    { type: 'drain' },
  ],
};

export const routingApplication: Environment<typeof routingApplicationMachine, 'noteRefusal'> = {
  effects: {
    load: () => [{ type: 'module.loaded' }, { type: 'module.failed', refusal }],
    openChannel: () => [{ type: 'channel.opened' }, { type: 'channel.refused', refusal }],
    closeChannel: none,
    sayGoodbye: () => [{ type: 'clients.gone' }],
  },
  unasked: [{ type: 'drain' }],
};

export const targetApplication: Environment<typeof targetApplicationMachine, 'noteRefusal'> = {
  effects: { ...routingApplication.effects, beginListening: none, ceaseListening: none },
  unasked: [...routingApplication.unasked, { type: 'listen' }, { type: 'pause' }],
};
