/** What is claimed of a VIPA's owners (CT-14). */
import type { AnyStateMachine } from 'xstate';
import type { vipaMachine } from '../../../actors/vipa.ts';
import type { Property } from '../properties.ts';
import type { State } from '../state.ts';
import type { ActorState, SystemState } from '../system-state.ts';
import type { sharedLeaseMachine } from './shared-lease.ts';
import type { threadsMachine } from './threads.ts';
import type { vipaStackMachine } from './vipa-stack.ts';

type System = SystemState;

const stackOf = ({ actors }: System, node: string) =>
  actors[node] as unknown as ActorState<typeof vipaStackMachine>;
const leaseOf = ({ actors }: System) =>
  (actors['lease'] as unknown as ActorState<typeof sharedLeaseMachine>).context;
/** Its VIPA, while the node lives. */
const vipaOf = (system: System, node: string): State<typeof vipaMachine> | undefined => {
  const stack = stackOf(system, node);
  const vipa: State<AnyStateMachine> | undefined = stack.child('vipa');
  return stack.matches('open') ? (vipa as State<typeof vipaMachine> | undefined) : undefined;
};
const isListening = (system: System, node: string) =>
  (vipaOf(system, node)?.children.length ?? 0) > 0;
const epochOf = (system: System, node: string): number => vipaOf(system, node)?.context.epoch ?? 0;
const livingOf = (system: System, nodes: readonly string[]) =>
  nodes.filter((node) => stackOf(system, node).matches('open'));
/** One that is about to end still counts as living for the others. */
const isEnding = (system: System, nodes: readonly string[]) =>
  nodes.some((node) => stackOf(system, node).matches('ending'));

const isServing = (system: System, node: string) => {
  const vipa = vipaOf(system, node);
  return (
    vipa?.matches({ owner: { listening: 'serving' } }) === true || vipa?.matches(yielding) === true
  );
};
const isServed = (system: System, nodes: readonly string[]) =>
  livingOf(system, nodes).length === 0 || nodes.some((node) => isServing(system, node));

/** The first that lives owns it; where none lives, nobody. */
export function isOwned(system: System, nodes: readonly string[]): boolean {
  const [first] = livingOf(system, nodes);
  return !isEnding(system, nodes) && (first === undefined || isServing(system, first));
}

export function takeoverClaims(nodes: readonly string[], options: Options): Property<System>[] {
  const some: Some = (holds) => (system) => nodes.some((node) => holds(system, node));
  return [
    ...claimsOfListeners(nodes, some, options),
    ...claimsOfLeases(nodes, some),
    {
      sometimes: 'a backup has taken over',
      holds: (system) => nodes.slice(1).some((node) => isServing(system, node)),
    },
    {
      sometimes: 'the owner has taken it back',
      holds: (system) => leaseOf(system).epoch > 2 && isServing(system, nodes[0]!),
    },
    ...claimsOfRuns(nodes, some, options),
  ];
}
interface Options {
  readonly isSlow: boolean;
  readonly isTroubled: boolean;
}
/** Of one node at least. */
type Some = (holds: (system: System, node: string) => boolean) => (system: System) => boolean;

function claimsOfListeners(
  nodes: readonly string[],
  some: Some,
  { isSlow }: Options,
): Property<System>[] {
  return [
    {
      never: 'a node listens under an epoch that was granted to another, or to nobody',
      holds: some(
        (system, node) =>
          isListening(system, node) && leaseOf(system).grants[epochOf(system, node) - 1] !== node,
      ),
    },
    {
      never: 'a former owner listens',
      holds: some((system, node) => {
        const { holder, epoch } = leaseOf(system);
        const isCurrent = holder === node && epoch === epochOf(system, node);
        return isListening(system, node) && !isCurrent;
      }),
    },
    {
      never: 'two listen',
      holds: (system) => nodes.filter((node) => isListening(system, node)).length > 1,
    },
    {
      never: 'a node that lives holds a lease under which it does not listen',
      holds: some((system, node) => {
        const isHolder = leaseOf(system).holder === node;
        const isAsking = isSlow && vipaOf(system, node)?.hasTag('owner') === false;
        const isOpen = stackOf(system, node).matches('open');
        return isHolder && isOpen && !isAsking && !isListening(system, node);
      }),
    },
  ];
}

function claimsOfLeases(nodes: readonly string[], some: Some): Property<System>[] {
  return [
    {
      never: 'a node whose VIPA has ended holds its lease',
      holds: some((system, node) => {
        const { matches } = stackOf(system, node);
        return leaseOf(system).holder === node && (matches('ending') || matches('forgotten'));
      }),
    },
    {
      never: 'a node yields to nobody, or waits though it is preceded',
      holds: some(isMistaken),
    },
    {
      never: 'a backup owns it though all have lived',
      holds: (system) => {
        const { grants } = leaseOf(system);
        return hasNoneEnded(system) && grants.some((node) => node !== nodes[0]);
      },
    },
  ];
}

function claimsOfRuns(
  nodes: readonly string[],
  some: Some,
  { isSlow, isTroubled }: Options,
): Property<System>[] {
  return [
    {
      leadsTo: 'while a node lives, one serves',
      after: (system) => !isServed(system, nodes),
      holds: (system) => isServed(system, nodes),
    },
    {
      leadsTo: 'in the end the first that lives owns it',
      after: (system) => !isOwned(system, nodes),
      holds: (system) => isOwned(system, nodes),
    },
    {
      leadsTo: 'who lives is settled',
      after: some(isUnsettled),
      holds: (system) => !some(isUnsettled)(system),
    },
    ...(isTroubled && isSlow
      ? [
          {
            leadsTo: 'who is revoked or has failed ends',
            after: some(isDraining),
            holds: (system: System) => !some(isDraining)(system),
          },
        ]
      : []),
  ];
}

/** By what it knows itself. */
function isMistaken(system: System, node: string): boolean {
  const vipa = vipaOf(system, node);
  if (vipa === undefined) return false;
  const { preference, living } = vipa.context;
  const isFirst = preference.find((other) => living.includes(other)) === node;
  return vipa.matches('denied') ? !isFirst : vipa.matches(yielding) && isFirst;
}
const yielding = { owner: { listening: 'yielding' } } as const;

const hasNoneEnded = ({ actors }: System) =>
  (actors['threads'] as unknown as ActorState<typeof threadsMachine>).context.ends === 0;

const isDraining = (system: System, node: string) => {
  const { matches, context } = stackOf(system, node);
  return context.isEnding && matches('open');
};

const isUnsettled = (system: System, node: string) => {
  const { matches, context } = stackOf(system, node);
  return matches('open') && !context.isSettled;
};
