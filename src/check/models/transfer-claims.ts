/** What is claimed of transfers (CT-6, CT-7). */
import type { OutgoingTransfer } from '../../../actors/transfer/outgoing-transfer.ts';
import type { ModelActor } from '../model.ts';
import type { Property } from '../properties.ts';
import type { ActorState, Envelope, SystemState } from '../system-state.ts';
import type { sharedClientMachine } from './shared-client.ts';
import { transferOf } from './transfer-stacks.ts';
import type { givingStackMachine, takingStackMachine } from './transfer-stacks.ts';

type System = SystemState<Readonly<Record<string, ModelActor>>>;
type Claim = Property<System>;

/** Of one client at least. */
type Some = (holds: (system: System, client: string) => boolean) => (system: System) => boolean;

/** The code with which targets reject. */
export const rejection = 'IPX_EXAMPLE';

export interface ClaimsOptions {
  readonly clients: readonly string[];
  readonly targets: readonly string[];
  readonly isWatched: boolean;
  readonly isOfRuns: boolean;
}

const shared = ({ actors }: System, client: string) =>
  actors[client] as unknown as ActorState<typeof sharedClientMachine>;
const giving = ({ actors }: System) =>
  actors['giver'] as unknown as ActorState<typeof givingStackMachine>;
const taking = ({ actors }: System, node: string) =>
  actors[node] as unknown as ActorState<typeof takingStackMachine>;
const valueOf = (system: System, client: string) =>
  shared(system, client).value as unknown as { readonly socket: string; readonly slot: string };
const outcomeOf = (system: System, client: string) => giving(system).context.outcomes[client];

/** How many read and write it: the giver until its socket is frozen, who has built another. */
function readersOf(system: System, client: string): number {
  const isRead = ['read', 'draining'].includes(valueOf(system, client).socket);
  return (isRead ? 1 : 0) + shared(system, client).context.holders.length;
}

const messagesOf = (system: System, client: string) =>
  system.messages.filter(({ event }) => event['client'] === client);

/** Let go by its giver, and nobody took it. */
function isDropped(system: System, client: string): boolean {
  const { socket, slot } = valueOf(system, client);
  return socket === 'released' && ['free', 'offered'].includes(slot);
}

/** Nothing is under way any more for it, and its descriptor is somebody's, or closed. */
export function isSettled(system: System, client: string, targets: readonly string[]): boolean {
  const { socket, slot } = valueOf(system, client);
  const isEnded = giving(system).isDown || outcomeOf(system, client) !== undefined;
  const isOffered = targets.some((node) => {
    const { isDown, context } = taking(system, node);
    return !isDown && context.offers.some((offer) => offer.startsWith(`${client} `));
  });
  const isOwned = ['free', 'adopted', 'closed'].includes(slot);
  return isEnded && !isOffered && isOwned && ['read', 'released', 'ended'].includes(socket);
}

export function transferClaims({ clients, targets, isWatched, isOfRuns }: ClaimsOptions): Claim[] {
  const some: Some = (holds) => (system) =>
    clients.some((client) => holds(system, client));
  const isRefused = (system: System, client: string) => outcomeOf(system, client) === 'refused';
  const claims: Claim[] = [
    {
      never: 'two read one client',
      holds: some((system, client) => readersOf(system, client) > 1),
    },
    { never: 'a client is let go that nobody has', holds: some(isDropped) },
    {
      never: 'a refused client is not whole at its giver',
      holds: some((system, client) => {
        const { socket, slot } = valueOf(system, client);
        return isRefused(system, client) && !giving(system).isDown && (socket !== 'read' || slot !== 'free');
      }),
    },
    {
      never: 'a transferred client is still held by its giver',
      holds: some(
        (system, client) =>
          outcomeOf(system, client) === 'transferred' &&
          !['released', 'ended'].includes(valueOf(system, client).socket),
      ),
    },
    {
      never: 'a place is kept for an offer that has ended',
      holds: some((system, client) =>
        targets.some((node) => {
          const { context, isDown } = taking(system, node);
          const kept = shared(system, client).context.places.filter((place) => place === node);
          const offers = context.offers.filter((offer) => offer.startsWith(`${client} `));
          return !isDown && kept.length !== offers.length;
        }),
      ),
    },
    { sometimes: 'a client is refused', holds: some(isRefused) },
    {
      sometimes: 'a client is transferred',
      holds: some((system, client) => outcomeOf(system, client) === 'transferred'),
    },
    {
      sometimes: 'a later attempt succeeds',
      holds: some(
        (system, client) =>
          outcomeOf(system, client) === 'transferred' && shared(system, client).context.attempt > 0,
      ),
    },
    {
      sometimes: 'a claim comes after the client was taken back',
      holds: some((system, client) => {
        const { context, matches } = shared(system, client);
        const isCommit = ({ event }: Envelope) =>
          event.type === 'transfer.commit' && event['attempt'] === context.attempt;
        const isFree = matches({ socket: 'read', slot: 'free' });
        return isFree && messagesOf(system, client).some(isCommit);
      }),
    },
  ];
  if (isWatched) claims.push(...watchedClaims(some));
  if (isOfRuns) claims.push(...claimsOfRuns({ clients, targets }));
  return claims;
}


/** Where it is noted what was answered, an answer is taken for no other attempt's. */
const watchedClaims = (some: Some): Claim[] => [
  {
    never: 'a commit goes to a target that has not accepted',
    holds: some((system, client) => {
      const { accepted } = shared(system, client).context;
      return messagesOf(system, client).some(
        ({ event }) => event.type === 'transfer.commit' && event['attempt'] > accepted,
      );
    }),
  },
  {
    never: 'an attempt is taken for rejected that was not',
    holds: some((system, client) => {
      const { rejected } = shared(system, client).context;
      const transfer = giving(system).child(transferOf(client));
      const { attempts } = (transfer?.context ?? { attempts: [] }) as OutgoingTransfer;
      return attempts.some(({ code }, attempt) => code === rejection && attempt > rejected);
    }),
  },
];

const claimsOfRuns = ({ clients, targets }: Pick<ClaimsOptions, 'clients' | 'targets'>): Claim[] =>
  clients.map((client) => ({
    eventually: `${client} is transferred or refused, and nothing of it is left`,
    holds: (system) => isSettled(system, client, targets),
  }));
