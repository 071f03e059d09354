/**
 * Stacks that share the ports of one address: the lock machine of each, unchanged, over the words
 * of the pool, changed by the code that runs. One may die between any two atomic steps; those who
 * live are told of it for certain, and reclaim what it held (SP-3, SP-5).
 */
import { assign, enqueueActions, setup } from 'xstate';
import type { AnyActorRef, AnyStateMachine } from 'xstate';
import { portLockMachine } from '../../../actors/ports/port-lock.ts';
import { header, type PoolShape, type PoolStructure } from '../../ports/pool-words.ts';
import { actor } from '../model-actor.ts';
import type { Model } from '../model.ts';
import type { AnyActors, ModelActor } from '../model-actor.ts';
import type { Property } from '../properties.ts';
import type { State } from '../state.ts';
import type { ActorState, SystemState } from '../system-state.ts';
import { MemoryCopy, portMemoryMachine, type PortMemoryInput } from './port-memory.ts';
import { portLockEnvironment, portStackEnvironment, portStackMachine } from './port-stack.ts';

export interface PortsOptions {
  readonly structure?: PoolStructure;
  /** Default: 3. */
  readonly stacks?: number;
  readonly crashes?: number;
  readonly lock?: typeof portLockMachine;
}

/** The thread that outlives all: it knows who has died, and tells. */
const parentMachine = setup({
  // oxlint-disable-next-line typescript/no-unnecessary-type-assertion -- xstate's way to give types
  types: {} as {
    context: { readonly stacks: readonly string[] };
    input: { readonly stacks: readonly string[] };
    events: { type: 'ended'; stack: string };
  },
  actions: {
    tell: enqueueActions(({ context, system, enqueue }, stack: string) => {
      enqueue.sendTo(system.get('memory') as AnyActorRef, { type: 'died', stack });
      for (const other of context.stacks) {
        const to = system.get(other) as AnyActorRef;
        if (other !== stack) enqueue.sendTo(to, { type: 'peer.died', stack });
      }
    }),
    forget: assign({
      stacks: ({ context }, stack: string) => context.stacks.filter((one) => one !== stack),
    }),
  },
}).createMachine({
  id: 'parent',
  context: ({ input }) => input,
  on: {
    ended: {
      actions: [
        { type: 'tell', params: ({ event }) => event.stack },
        { type: 'forget', params: ({ event }) => event.stack },
      ],
    },
  },
});

export function portsModel({
  structure = 'bitmap',
  stacks: count = 3,
  crashes = 1,
  lock = portLockMachine,
}: PortsOptions = {}): Model<AnyActors> {
  const stacks = Array.from({ length: count }, (_, index) => `stack-${index + 1}`);
  const block = structure === 'bitmap' ? 16 : 1;
  const shape: PoolShape = {
    structure,
    first: 1,
    count: 2 * block,
    block,
    stacks: count,
    guests: 0,
  };
  const input: PortMemoryInput = { shape, stacks };
  const machine = portStackMachine.provide({ actors: { lock } });
  const stackOf = (name: string): ModelActor =>
    actor(machine, {
      input: { name },
      environment: portStackEnvironment,
      children: { lock: portLockEnvironment(name) },
    });
  return {
    actors: {
      memory: actor(portMemoryMachine, { input }),
      parent: actor(parentMachine, { input: { stacks } }),
      ...Object.fromEntries(stacks.map((name) => [name, stackOf(name)])),
    },
    cells: ['memory'],
    crashes: {
      atMost: crashes,
      actors: stacks,
      restart: 'never',
      told: (stack) => [{ to: 'parent', event: { type: 'ended', stack } }],
    },
    properties: portClaims(stacks),
    deadlock: (system) => isWhole(system, input),
  };
}

const repairing = { locked: 'repairing' } as const;
const memoryOf = ({ actors }: SystemState) =>
  (actors['memory'] as unknown as ActorState<typeof portMemoryMachine>).context;
const stackAt = ({ actors }: SystemState, name: string) =>
  actors[name] as unknown as ActorState<typeof portStackMachine>;
const lockOf = (system: SystemState, name: string): State<AnyStateMachine> | undefined =>
  stackAt(system, name).isDown ? undefined : stackAt(system, name).child('lock');
const isLocking = (system: SystemState, name: string) =>
  lockOf(system, name)?.hasTag('locked') === true;

function portClaims(stacks: readonly string[]): Property<SystemState>[] {
  const isIdle = (system: SystemState, name: string) =>
    stackAt(system, name).isDown || stackAt(system, name).matches('idle');
  return [
    {
      never: 'two stacks have the lock',
      holds: (system) => stacks.filter((name) => isLocking(system, name)).length > 1,
    },
    {
      always: 'no unit is held twice, and what is given back was held',
      holds: (system) => memoryOf(system).verdict.fault === '',
    },
    ...stacks.map((name) => ({
      eventually: `${name} waits for nothing for ever`,
      holds: (system: SystemState) => isIdle(system, name),
    })),
    {
      sometimes: 'a dead stack’s lock is seized',
      holds: (system) => stacks.some((name) => lockOf(system, name)?.matches(repairing) === true),
    },
  ];
}

/** Nothing is left: no unit has an owner, and each can be found. */
function isWhole(system: SystemState, input: PortMemoryInput): boolean {
  const memory = memoryOf(system);
  const { pool } = new MemoryCopy(input, memory);
  const isFree = pool.load(header.lock) === 0 || pool.isDead(pool.load(header.lock));
  const owners = Array.from({ length: pool.units }, (_, unit) => pool.load(pool.owners + unit));
  const copy = new MemoryCopy(input, memory);
  const [stack = ''] = input.stacks;
  const take = (unit: number) => {
    const task = copy.taskOf(stack, { wish: 'take', dead: '' }, unit);
    const chosen = task.choose();
    if (chosen >= 0 && task.revise(chosen)) task.publish(chosen);
    return chosen;
  };
  const taken = [0, 1].map(take);
  return isFree && owners.every((owner) => owner === 0) && taken.includes(0) && taken.includes(1);
}
