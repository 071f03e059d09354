/** What is claimed of transfers (CT-6, CT-7). */
import type { OutgoingTransfer } from '../../../actors/transfer/outgoing-transfer.ts';
import type { Property } from '../properties.ts';
import type { ActorState, SystemState } from '../system-state.ts';
import type { sharedClientMachine } from './shared-client.ts';
import type { givingStackMachine, takingStackMachine } from './transfer-stacks.ts';

type System = SystemState;
type Claim = Property<System>;

export interface TransferNames {
  readonly giver: string;
  readonly targets: readonly string[];
  readonly clients: readonly string[];
}
/** Of a node's stack, what it does for one client. */
export const partOf = (node: string, client: string) => `${node}.${client}`;
/** The code with which targets reject. */
export const rejection = 'IPX_EXAMPLE';

/** What is known of one client. */
interface View {
  readonly socket: string;
  readonly slot: string;
  readonly shared: ActorState<typeof sharedClientMachine>;
  readonly giving: ActorState<typeof givingStackMachine>;
  readonly taking: readonly ActorState<typeof takingStackMachine>[];
  readonly outcome: string;
}

function viewOf({ actors }: System, client: string, { giver, targets }: TransferNames): View {
  const shared = actors[client] as unknown as View['shared'];
  const giving = actors[partOf(giver, client)] as unknown as View['giving'];
  const taking = targets.map((node) => actors[partOf(node, client)] as unknown) as View['taking'];
  const { socket, slot } = shared.value as unknown as Pick<View, 'socket' | 'slot'>;
  return { socket, slot, shared, giving, taking, outcome: giving.context.outcome };
}

const isEnded = ({ giving, outcome }: View) => giving.matches('down') || outcome !== 'none';

/** Nothing is under way any more for it, and its descriptor is somebody's, or closed. */
export function isSettled(system: System, client: string, names: TransferNames): boolean {
  const view = viewOf(system, client, names);
  const { socket, slot, taking } = view;
  const isOffered = taking.some(
    (stack) => stack.matches('open') && stack.context.offers.length > 0,
  );
  const isStill = ['read', 'released', 'ended'].includes(socket);
  return isEnded(view) && !isOffered && isStill && ['free', 'adopted', 'closed'].includes(slot);
}

/** How many read and write it: the giver until its socket is frozen, who has built another. */
const readersOf = ({ socket, shared }: View): number =>
  (['read', 'draining'].includes(socket) ? 1 : 0) + shared.context.holders.length;

const isKeptInVain = ({ shared, taking }: View): boolean =>
  taking.some(
    ({ matches, context: { node, offers } }) =>
      matches('open') &&
      shared.context.places.filter((place) => place === node).length !== offers.length,
  );

const isHeldIdly = ({ shared, taking }: View): boolean =>
  taking.some(
    ({ matches, context: { node, offers } }) =>
      matches('open') &&
      offers.length === 0 &&
      shared.context.holders.includes(node) &&
      !shared.context.served.includes(node),
  );

/** Of one client at least. */
type Some = (holds: (view: View) => boolean) => (system: System) => boolean;

const claimsOfStates = (some: Some): Claim[] => [
  { never: 'two read one client', holds: some((view) => readersOf(view) > 1) },
  {
    never: 'a client is let go that nobody has',
    holds: some(({ socket, slot }) => socket === 'released' && ['free', 'offered'].includes(slot)),
  },
  {
    never: 'a refused client is not whole at its giver',
    holds: some(
      ({ outcome, giving, socket, slot }) =>
        outcome === 'refused' && giving.matches('open') && (socket !== 'read' || slot !== 'free'),
    ),
  },
  {
    never: 'a transferred client is still held by its giver',
    holds: some(
      ({ outcome, socket }) => outcome === 'transferred' && !['released', 'ended'].includes(socket),
    ),
  },
  { never: 'a place is kept for an offer that has ended', holds: some(isKeptInVain) },
  { never: 'a node holds a client that nobody serves', holds: some(isHeldIdly) },
  { sometimes: 'a client is refused', holds: some(({ outcome }) => outcome === 'refused') },
  { sometimes: 'a client is transferred', holds: some(({ outcome }) => outcome === 'transferred') },
];

const isRetried = ({ outcome, shared }: View) =>
  outcome === 'transferred' && shared.context.attempt > 0;

/** While it is under way, and in what it came to. */
const attemptsOf = ({ giving }: View) => {
  const transfer = giving.child('transfer')?.context as OutgoingTransfer | undefined;
  return transfer?.attempts ?? giving.context.attempts;
};

/** Where it is noted what was answered, an answer is taken for no other attempt's. */
const watchedClaims = (some: Some, names: TransferNames): Claim[] => [
  {
    never: 'a commit goes to a target that has not accepted',
    holds: (system) =>
      system.messages.some(
        ({ from, event }) =>
          event.type === 'transfer.commit' &&
          names.clients.some((client) => {
            const { accepted } = viewOf(system, client, names).shared.context;
            return from === partOf(names.giver, client) && event['attempt'] > accepted;
          }),
      ),
  },
  {
    never: 'an attempt is taken for rejected that was not',
    holds: some(
      (view) =>
        attemptsOf(view).findLastIndex(({ code }) => code === rejection) >
        view.shared.context.rejected,
    ),
  },
  {
    never: 'a target is taken for lost that lives',
    holds: some((view) =>
      attemptsOf(view).some(
        ({ target, code }) =>
          code === 'IPX_TARGET_LOST' && !view.shared.context.lost.includes(target),
      ),
    ),
  },
  {
    never: 'a refusal tells of other attempts than were made',
    holds: some(
      (view) =>
        view.outcome === 'refused' && attemptsOf(view).length !== view.shared.context.offers,
    ),
  },
];

export interface ClaimsOptions {
  readonly attempts?: readonly number[];
  readonly isWatched?: boolean;
  readonly isOfRuns?: boolean;
}

export function transferClaims(names: TransferNames, options: ClaimsOptions): Claim[] {
  const { clients } = names;
  const some: Some = (holds) => (system) =>
    clients.some((client) => holds(viewOf(system, client, names)));
  const claims = claimsOfStates(some);
  if ((options.attempts ?? [2]).some((attempts) => attempts > 1)) {
    claims.push({ sometimes: 'a later attempt succeeds', holds: some(isRetried) });
  }
  if (options.isWatched) claims.push(...watchedClaims(some, names));
  if (options.isOfRuns) claims.push(...clients.flatMap((client) => claimsOfRuns(client, names)));
  return claims;
}

/** Each is of one client, of one target and one attempt: others may begin anew meanwhile. */
function claimsOfRuns(client: string, names: TransferNames): Claim[] {
  const isInCustody = (system: System) =>
    !['free', 'adopted', 'closed'].includes(viewOf(system, client, names).slot);
  const offersEnd = names.targets.map((node, index): Claim => {
    const isUnderway = (system: System) => {
      const stack = viewOf(system, client, names).taking[index]!;
      return stack.matches('open') && stack.context.offers.includes(0);
    };
    const leadsTo = `the first offer of ${client} to ${node} ends`;
    return { leadsTo, after: isUnderway, holds: (system) => !isUnderway(system) };
  });
  return [
    {
      eventually: `${client} is transferred or refused`,
      holds: (system) => isEnded(viewOf(system, client, names)),
    },
    {
      leadsTo: `the descriptor of ${client} in custody comes to an owner, or is closed`,
      after: isInCustody,
      holds: (system) => !isInCustody(system),
    },
    ...offersEnd,
  ];
}
