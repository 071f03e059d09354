/**
 * Transfers as they run: the machines of both sides, unchanged, in the stacks of one giver and its
 * targets, over a network, with each client and its custody slot in shared memory (DESIGN.md,
 * section 4). A node may crash at any time; whoever lives is told of it after all that it sent.
 */
import type { IncomingTransfer } from '../../../actors/transfer/incoming-transfer.ts';
import { incomingTransferMachine } from '../../../actors/transfer/incoming-transfer.ts';
import type { OutgoingTransfer } from '../../../actors/transfer/outgoing-transfer.ts';
import { outgoingTransferMachine } from '../../../actors/transfer/outgoing-transfer.ts';
import type { NodeId, Refusal } from '../../../actors/vocabulary.ts';
import { actor } from '../model.ts';
import type { Crashes, Message, Model, ModelActor, ModelEnvironment, Network } from '../model.ts';
import { sharedClientEnvironment, sharedClientMachine } from './shared-client.ts';
import { givingStackMachine, takingStackMachine } from './transfer-stacks.ts';
import { isSettled, rejection, transferClaims } from './transfer-claims.ts';

export interface TransferOptions {
  /** Transfers at once. Default: 2. */
  readonly clients?: number;
  readonly targets?: number;
  readonly attemptsMax?: number;
  readonly network?: Network;
  /** Crashes altogether, of any node. Default: 1. */
  readonly crashes?: number;
  /** Whether the giver's stack may call a transfer off, at any time. */
  readonly isCalledOff?: boolean;
  /** Whether answers are compared with what was answered: more states, more to be found wrong. */
  readonly isWatched?: boolean;
  /** Whether each transfer is shown to end, too; that leaves out symmetry. */
  readonly isOfRuns?: boolean;
  readonly outgoing?: typeof outgoingTransferMachine;
  readonly incoming?: typeof incomingTransferMachine;
}
export type TransferActors = Readonly<Record<string, ModelActor>> & {
  readonly giver: ModelActor<typeof givingStackMachine>;
};

const giver = 'giver';
const refusal: Refusal = { code: rejection, reason: '' };
const namesOf = (kind: string, count: number) =>
  Array.from({ length: count }, (_, index) => `${kind}-${index + 1}`);

export function transferModel({
  clients: clientCount = 2,
  targets: targetCount = 2,
  attemptsMax = 2,
  network = {},
  crashes = 1,
  isCalledOff = false,
  isWatched = false,
  isOfRuns = false,
  outgoing = outgoingTransferMachine,
  incoming = incomingTransferMachine,
}: TransferOptions = {}): Model<Readonly<Record<string, ModelActor>>> {
  const clients = namesOf('client', clientCount);
  const targets = namesOf('hall', targetCount) as NodeId[];
  const giving = givingStackMachine.provide({ actors: { outgoingTransfer: outgoing } });
  const taking = takingStackMachine.provide({ actors: { incomingTransfer: incoming } });
  const children = {
    outgoingTransfer: outgoingEnvironment(targets, isCalledOff),
    incomingTransfer: incomingEnvironment(isWatched),
  };
  const actors = {
    [giver]: actor(giving, { input: { clients, attemptsMax }, children }),
    ...Object.fromEntries(
      targets.map((node) => [node, actor(taking, { input: { node }, children })]),
    ),
    ...Object.fromEntries(clients.map((client) => [client, sharedClient(client)])),
  };
  return {
    actors,
    cells: clients,
    network,
    ...(crashes > 0 ? { crashes: crashing(crashes, { clients, targets }) } : {}),
    properties: transferClaims({ clients, targets, isWatched, isOfRuns }),
    // Where nothing can happen any more, nothing is left to do.
    deadlock: (system) => clients.every((client) => isSettled(system, client, targets)),
    symmetry: isOfRuns ? [] : [targets],
  };
}

const sharedClient = (client: string) =>
  actor(sharedClientMachine, { input: { client, giver }, environment: sharedClientEnvironment });

interface Names {
  readonly clients: readonly string[];
  readonly targets: readonly NodeId[];
}

const crashing = (atMost: number, { clients, targets }: Names): Crashes => ({
  atMost,
  told: (node) => {
    // The kernel closes its sockets at once; nodes hear of it in their turn.
    const closed = clients.map((to) => ({ to, event: { type: 'crashed', node } }));
    const others = node === giver ? targets : [giver];
    return [...closed, ...others.map((to) => ({ to, event: { type: 'peer.lost', node } }))];
  },
});

type Outgoing = OutgoingTransfer & { readonly client: string };

function outgoingEnvironment(targets: readonly NodeId[], isCalledOff: boolean) {
  type Environment = ModelEnvironment<typeof outgoingTransferMachine>;
  const toTarget =
    (type: string) =>
    ({ context }: { context: OutgoingTransfer }): Message[] => {
      const { target, attempts, client } = context as Outgoing;
      if (target === undefined) return [];
      return [{ to: target, event: { type, client, attempt: attempts.length } }];
    };
  const toClient =
    (type: string) =>
    ({ context }: { context: OutgoingTransfer }): Message[] => {
      const { client, attempts } = context as Outgoing;
      return [{ to: client, event: { type, attempt: attempts.length } }];
    };
  const environment: Environment = {
    effects: {
      askForTarget: () => [
        ...targets.map((target) => ({ type: 'target.chosen', target }) as const),
        { type: 'target.none', refusal },
        [], // An application need not answer.
      ],
      sendOffer: toTarget('transfer.offer'),
      cancelOffer: toTarget('transfer.cancel'),
      commit: toTarget('transfer.commit'),
      freeze: toClient('freeze'),
      thaw: toClient('thaw'),
      reclaim: toClient('reclaim'),
      release: toClient('release'),
    },
    unasked: isCalledOff ? [{ type: 'cancel', refusal }] : [],
  };
  return environment;
}

type Incoming = IncomingTransfer & {
  readonly client: string;
  readonly attempt: number;
  readonly node: string;
};

function incomingEnvironment(isWatched: boolean) {
  type Environment = ModelEnvironment<typeof incomingTransferMachine>;
  type Told = { context: IncomingTransfer };
  const toGiver = (type: string, note?: string) => (told: Told) => {
    const { client, attempt } = told.context as Incoming;
    const noted = note !== undefined && isWatched ? [{ to: client, event: { type: note, attempt } }] : [];
    return [{ to: giver, event: { type, client, attempt, refusal } }, ...noted];
  };
  const toClient = (type: string) => (told: Told) => {
    const { client, attempt, node } = told.context as Incoming;
    return [{ to: client, event: { type, node, attempt } }];
  };
  const environment: Environment = {
    effects: {
      consider: (told) => [
        ...toClient('considered')(told),
        { type: 'application.accepted' },
        { type: 'application.rejected', refusal },
        [],
      ],
      sendAccept: toGiver('transfer.accept', 'accepted'),
      sendReject: toGiver('transfer.reject', 'rejected'),
      confirm: toGiver('transfer.confirm'),
      claim: toClient('claim'),
      adopt: toClient('adopt'),
      serve: toClient('settled'),
      dismiss: toClient('settled'),
    },
  };
  return environment;
}
