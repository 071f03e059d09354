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
import { actor } from '../model-actor.ts';
import type { Model, Network } from '../model.ts';
import type { AnyActors, Message, ModelEnvironment } from '../model-actor.ts';
import { sharedClientEnvironment, sharedClientMachine } from './shared-client.ts';
import { givingStackMachine, takingStackMachine } from './transfer-stacks.ts';
import { threadsEnvironment, threadsMachine } from './threads.ts';
import { isSettled, partOf, rejection, transferClaims } from './transfer-claims.ts';
import type { TransferNames } from './transfer-claims.ts';

export interface TransferOptions {
  /** For each of the transfers at once, the most attempts. Default: one transfer, two attempts. */
  readonly attempts?: readonly number[];
  /** Default: 2. */
  readonly targets?: number;
  readonly network?: Network;
  /** Crashes altogether, of any node. Default: 1. */
  readonly crashes?: number;
  /** Whether the giver's stack may call a transfer off, at any time. */
  readonly isCalledOff?: boolean;
  /** Whether no timer ever fires and applications answer: what must end without them does. */
  readonly isPrompt?: boolean;
  /** Whether custody answers only later, as that of a relayed connection does. */
  readonly isSlow?: boolean;
  /** Whether answers are compared with what was answered: more states, more to be found wrong. */
  readonly isWatched?: boolean;
  /** Whether each transfer is shown to end, too. */
  readonly isOfRuns?: boolean;
  readonly outgoing?: typeof outgoingTransferMachine;
  readonly incoming?: typeof incomingTransferMachine;
}

const giver = 'giver';
const refusal: Refusal = { code: rejection, reason: '' };
const calledOff: Refusal = { code: 'IPX_CLIENT_GONE', reason: '' };
export function transferModel(options: TransferOptions = {}): Model<AnyActors> {
  const { network = {}, crashes = 1, attempts = [2] } = options;
  const clients = attempts.map((_, index) => `client-${index + 1}`);
  const names: TransferNames = { giver, targets: targetsOf(options), clients };
  const ofClients = clients.map((client, index) =>
    actorsOf(client, names, { ...options, attemptsMax: attempts[index] ?? 1 }),
  );
  const nodes = Object.fromEntries(
    [giver, ...names.targets].map((node) => [node, clients.map((client) => partOf(node, client))]),
  );
  const threads = actor(threadsMachine, {
    input: { nodes, kernel: clients, crashesLeft: crashes, restartsLeft: 0 },
    environment: threadsEnvironment({
      crashing: crashes > 0 ? Object.keys(nodes) : [],
      isToldInOrder: isOrdered(options),
    }),
  });
  return {
    actors: { threads, ...Object.assign({}, ...ofClients) } as AnyActors,
    cells: ['threads', ...clients],
    network,
    timers: options.isPrompt ? 'never' : 'whenever',
    properties: transferClaims(names, options),
    // Where nothing can happen any more, nothing is left to do.
    deadlock: (system) => clients.every((client) => isSettled(system, client, names)),
  };
}

/** Where nothing is lost and all comes in order, so does the word of a node's end. */
const isOrdered = ({ network = {} }: TransferOptions): boolean =>
  (network.order ?? 'per-pair') === 'per-pair' && (network.loss ?? 'none') === 'none';

/** The end of a node's stack, as others come to know of it. */
const lastWords = (options: TransferOptions, node: string, others: readonly string[]) => ({
  effects: {
    sayLastWords: (): Message[] =>
      isOrdered(options) ? others.map((to) => ({ to, event: { type: 'peer.lost', node } })) : [],
  },
});

const targetsOf = ({ targets = 2 }: TransferOptions) =>
  Array.from({ length: targets }, (_, index) => `hall-${index + 1}`);

function actorsOf(
  client: string,
  { targets }: TransferNames,
  { outgoing, incoming, attemptsMax, ...options }: OneOptions,
): AnyActors {
  const children = {
    outgoingTransfer: outgoingEnvironment(targets, options),
    incomingTransfer: incomingEnvironment(options),
  };
  const givingStack = partOf(giver, client);
  const takingStacks = Object.fromEntries(targets.map((node) => [node, partOf(node, client)]));
  const giving = givingStackMachine.provide({
    actors: { outgoingTransfer: outgoing ?? outgoingTransferMachine },
  });
  const taking = takingStackMachine.provide({
    actors: { incomingTransfer: incoming ?? incomingTransferMachine },
  });
  return {
    [client]: actor(sharedClientMachine, {
      input: { giver, givingStack, takingStacks },
      environment: sharedClientEnvironment,
    }),
    [givingStack]: actor(giving, {
      input: { client, attemptsMax, isWatched: options.isWatched ?? false },
      environment: lastWords(options, giver, Object.values(takingStacks)),
      children,
    }),
    ...Object.fromEntries(
      targets.map((node) => [
        takingStacks[node]!,
        actor(taking, {
          input: { client, node },
          environment: lastWords(options, node, [givingStack]),
          children,
        }),
      ]),
    ),
  };
}
interface OneOptions extends TransferOptions {
  readonly attemptsMax: number;
}

type Outgoing = OutgoingTransfer & { readonly client: string };

function outgoingEnvironment(
  targets: readonly string[],
  { isCalledOff = false, isSlow = false, isPrompt = false, isWatched = false }: TransferOptions,
) {
  type Environment = ModelEnvironment<typeof outgoingTransferMachine>;
  const toTarget =
    (type: string) =>
    ({ context }: { context: OutgoingTransfer }): Message[] => {
      const { target, attempts, client } = context as Outgoing;
      if (target === undefined) return [];
      return [{ to: partOf(target, client), event: { type, attempt: attempts.length } }];
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
        ...targets.map((target) => ({ type: 'target.chosen', target: target as NodeId }) as const),
        { type: 'target.none', refusal: calledOff },
        ...(isPrompt ? [] : [[]]), // An application need not answer.
      ],
      sendOffer: (told) => {
        const { target: node = '', attempts, client } = told.context as Outgoing;
        const offered = { type: 'offered', node, attempt: attempts.length };
        const counted = isWatched ? [{ to: client, event: { type: 'counted' } }] : [];
        return [...toTarget('transfer.offer')(told), { to: client, event: offered }, ...counted];
      },
      cancelOffer: toTarget('transfer.cancel'),
      commit: toTarget('transfer.commit'),
      freeze: toClient('freeze'),
      thaw: toClient('thaw'),
      reclaim: toClient(isSlow ? 'ask' : 'reclaim'),
      release: toClient('release'),
    },
    unasked: isCalledOff
      ? [
          { type: 'cancel', refusal: calledOff },
          { type: 'client.unmovable', refusal: calledOff },
        ]
      : [],
  };
  return environment;
}

type Incoming = IncomingTransfer & {
  readonly client: string;
  readonly attempt: number;
  readonly node: string;
};

function incomingEnvironment({ isWatched = false, isPrompt = false }: TransferOptions) {
  type Environment = ModelEnvironment<typeof incomingTransferMachine>;
  type Told = { context: IncomingTransfer };
  const toGiver = (type: string, note?: string) => (told: Told) => {
    const { client, attempt } = told.context as Incoming;
    const noted =
      note !== undefined && isWatched ? [{ to: client, event: { type: note, attempt } }] : [];
    return [{ to: partOf(giver, client), event: { type, attempt, refusal } }, ...noted];
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
        ...(isPrompt ? [] : [[]]),
      ],
      sendAccept: toGiver('transfer.accept', 'accepted'),
      sendReject: toGiver('transfer.reject', 'rejected'),
      confirm: toGiver('transfer.confirm'),
      claim: toClient('claim'),
      adopt: toClient('adopt'),
      serve: toClient('served'),
      dismiss: toClient('dismissed'),
    },
  };
  return environment;
}
