/**
 * A mirror and its replicas: the shipped machine over a file of two blocks (DP-10). Its process, a
 * replica's process and the line fail at any step, and the port moves to a backup.
 */
import { assign } from 'xstate';
import { mirrorMachine } from '../../../actors/data-port/mirror.ts';
import { actor } from '../model-actor.ts';
import type { Model } from '../model.ts';
import type { AnyActors } from '../model-actor.ts';
import type { Property } from '../properties.ts';
import type { ActorState, SystemState } from '../system-state.ts';
import type { MirrorFault, ReplicaState, TargetName, Volume } from './mirror-state.ts';
import { contentOf, mirrorVolumeMachine } from './mirror-volume.ts';

export interface MirrorModelOptions {
  /** By write, its block: 0 or 1. */
  readonly plan?: readonly number[];
  readonly crashes?: number;
  readonly cuts?: number;
  readonly deaths?: number;
  readonly moves?: number;
  readonly mirror?: typeof mirrorMachine;
  /** What the plain code does wrong, to show that it is seen. */
  readonly fault?: MirrorFault;
}

const blank: ReplicaState = {
  isOurs: false,
  run: 0,
  applied: 0,
  isConsistent: false,
  blocks: [0, 0],
  session: 0,
};
const begun: Volume = {
  fault: 'none',
  plan: [],
  writes: 0,
  stage: 'none',
  isWhole: true,
  run: 1,
  seq: 0,
  start: 0,
  log: [],
  acked: 0,
  isLive: false,
  isOpen: false,
  session: 0,
  task: 'none',
  cursor: 0,
  goal: 0,
  standing: 0,
  target: 'hall-1',
  marks: {},
  replicas: { 'hall-1': blank, 'hall-2': blank },
  wire: [],
  back: [],
  cutsLeft: 0,
  deathsLeft: 0,
  movesLeft: 0,
};
const effects = ['connect', 'greet', 'resend', 'resynchronise', 'copyAll', 'drain', 'hangUp'];
const steps = ['write', 'goOn', 'copyNext', 'deliver', 'hear', 'cut', 'die', 'move'] as const;

export function mirrorModel({
  plan = [0, 1, 0],
  crashes = 1,
  cuts = 1,
  deaths = 0,
  moves = 0,
  mirror = mirrorMachine,
  fault = 'none',
}: MirrorModelOptions = {}): Model<AnyActors> {
  const toVolume = (type: string) => () => [{ to: 'volume', event: { type } }];
  return {
    actors: {
      volume: actor(mirrorVolumeMachine, {
        input: { ...begun, plan, fault, cutsLeft: cuts, deathsLeft: deaths, movesLeft: moves },
        environment: { unasked: steps.map((type) => ({ type })) },
      }),
      // How long the pause becomes is of no concern here.
      mirror: actor(mirror.provide({ actions: { noteFailure: assign({}) } }), {
        input: { isFull: false, isPatient: true, limits },
        environment: { effects: Object.fromEntries(effects.map((name) => [name, toVolume(name)])) },
      }),
    },
    cells: ['volume'],
    crashes: {
      atMost: crashes,
      actors: ['mirror'],
      restart: 'afresh',
      told: () => [{ to: 'volume', event: { type: 'crashed' } }],
    },
    properties: [
      ...mirrorClaims,
      ...(cuts > 0 ? [resentClaim] : []),
      ...(crashes > 0 ? [copiedClaim] : []),
      ...(moves > 0 ? [movedClaim] : []),
    ],
    deadlock: 'fine',
  };
}
const limits = { greetMs: 1, drainMs: 1, retryMs: { least: 1, most: 1 } };

type System = SystemState;
const volumeOf = ({ actors }: System) =>
  (actors['volume'] as unknown as ActorState<typeof mirrorVolumeMachine>).context;
const mirrorOf = ({ actors }: System) =>
  actors['mirror'] as unknown as ActorState<typeof mirrorMachine>;
const isLevel = (system: System) => {
  const { isDown, hasTag } = mirrorOf(system);
  return !isDown && hasTag('level');
};
const isAt = ({ plan }: Volume, { blocks }: ReplicaState, writes: number) =>
  blocks.every((value, block) => value === contentOf(plan, block, writes));
const someReplica =
  (holds: (volume: Volume, replica: ReplicaState, name: TargetName) => boolean) =>
  (system: System) => {
    const volume = volumeOf(system);
    const names = ['hall-1', 'hall-2'] as const;
    return names.some((name) => holds(volume, volume.replicas[name], name));
  };
const movedClaim: Property<System> = {
  sometimes: 'a backup is level, with more than the first target has',
  holds: (system) => {
    const { target, replicas, writes, plan } = volumeOf(system);
    const isBehind = replicas['hall-1'].applied > 0 && writes === plan.length;
    return isLevel(system) && target === 'hall-2' && isBehind;
  },
};

const resentClaim: Property<System> = {
  sometimes: 'a replica gets what it missed from the backlog',
  holds: (system) => volumeOf(system).task === 'resend',
};
const copiedClaim: Property<System> = {
  sometimes: 'after a crash one block of two is copied, and it is level',
  holds: (system) => {
    const { run, seq, writes, plan } = volumeOf(system);
    return isLevel(system) && run === 2 && seq === 2 && writes === plan.length;
  },
};

const mirrorClaims: Property<System>[] = [
  {
    never: 'a replica says that it is a prefix of the writes, and is none',
    holds: someReplica((volume, replica) => {
      const counts = Array.from({ length: volume.writes + 1 }, (_, writes) => writes);
      return replica.isConsistent && !counts.some((writes) => isAt(volume, replica, writes));
    }),
  },
  {
    never: 'a block differs at a target and is not marked for it',
    holds: someReplica((volume, { isOurs, blocks }, name) => {
      const { plan, writes, marks } = volume;
      const differs = (block: number) => blocks[block] !== contentOf(plan, block, writes);
      return isOurs && [0, 1].some((block) => differs(block) && marks[name]?.[block] !== true);
    }),
  },
  {
    never: 'it is level with nothing under way, and the replica is not as the source',
    holds: (system) => {
      const volume = volumeOf(system);
      const { wire, back, stage, replicas, target, isOpen } = volume;
      const isStill = wire.length === 0 && back.length === 0 && stage === 'none' && isOpen;
      return isLevel(system) && isStill && !isAt(volume, replicas[target], volume.writes);
    },
  },
  {
    never: 'it is level, and writes do not go to the replica',
    holds: (system) => isLevel(system) && !volumeOf(system).isLive,
  },
];
