/**
 * Processes of one host that share the ports of an address (SP-2, SP-5): each with the machine
 * `port-seat` and the decisions of the product, over names and a map that outlive whoever ends. Any
 * may crash at any time, and start again; between any two words that it writes, too.
 */
import type { portSeatMachine } from '../../../actors/ports/port-seat.ts';
import { actor } from '../model-actor.ts';
import type { Model } from '../model.ts';
import type { AnyActors, ModelActor } from '../model-actor.ts';
import type { Property } from '../properties.ts';
import type { ActorState, SystemState } from '../system-state.ts';
import { Deciding } from './host-deciding.ts';
import { hostKernelMachine, resting, type Trouble } from './host-kernel.ts';
import { hostProcessEnvironment, hostProcessMachine, portSeatEnvironment } from './host-process.ts';

export interface HostPortsOptions {
  /** Default: 2. */
  readonly processes?: number;
  /** Default: 1. */
  readonly units?: number;
  readonly crashes?: number;
  /** Whether who has crashed starts again. Default: true. */
  readonly restarts?: boolean;
  /** How often one ends after a word of its next decision; its connection is cut; it leaves. */
  readonly tears?: number;
  readonly cuts?: number;
  readonly leaves?: number;
  readonly seat?: typeof portSeatMachine;
  /** Wrong, to show that it is seen: it answers before it writes. */
  readonly isHasty?: boolean;
}

export function hostPortsModel({
  processes: count = 2,
  units = 1,
  crashes = 1,
  restarts = true,
  tears = 0,
  cuts = 0,
  leaves = 0,
  seat,
  isHasty = false,
}: HostPortsOptions = {}): Model<AnyActors> {
  const names = Array.from({ length: count }, (_, index) => `process-${index + 1}`);
  const deciding = new Deciding(units);
  const machine = seat ? hostProcessMachine.provide({ actors: { seat } }) : hostProcessMachine;
  const left: Record<Trouble, number> = { tear: tears, cut: cuts, leave: leaves };
  const troubles = { tears: tears > 0 ? [1, 2, 3, 4, 5] : [], isCut: cuts > 0, leaves: leaves > 0 };
  const processOf = (name: string, index: number): ModelActor =>
    actor(machine, {
      input: { name, others: names.toSpliced(index, 1), pid: index + 1, deciding, isHasty },
      environment: hostProcessEnvironment(troubles),
      children: { seat: portSeatEnvironment(name) },
    });
  return {
    actors: {
      host: actor(hostKernelMachine, { input: left }),
      ...Object.fromEntries(names.map((name, index) => [name, processOf(name, index)])),
    },
    cells: ['host'],
    crashes: {
      atMost: crashes,
      actors: names,
      restart: restarts ? 'afresh' : 'never',
      told: (process) => [
        { to: 'host', event: { type: 'ended', process } },
        ...names
          .filter((name) => name !== process)
          .map((name) => ({ to: name, event: { type: 'line.ended', process } })),
      ],
    },
    // That a coordinator stands still is a cut.
    timers: ['askPause', 'usePause', 'givePause', 'lookPause', 'restPause', 'standPause'],
    properties: [
      ...stateClaims(names),
      ...runClaims(names, deciding),
      ...(leaves > 0 ? names.map((name) => leavesClaim(name)) : []),
    ],
    deadlock: (system) => isWhole(system, names, deciding),
  };
}

type System = SystemState;
const hostOf = ({ actors }: System) =>
  (actors['host'] as unknown as ActorState<typeof hostKernelMachine>).context;
const processAt = ({ actors }: System, name: string) =>
  actors[name] as unknown as ActorState<typeof hostProcessMachine>;

type Process = ActorState<typeof hostProcessMachine>;
const ownedIn = (system: System, deciding: Deciding) => deciding.ownersIn(hostOf(system).map);
const coordinates = ({ context }: Process) => context.memory !== null;
const isSeated = (process: Process) => process.child('seat')?.hasTag('seated') === true;
const isGone = (process: Process) => process.matches('left');

type Holds = (process: Process) => boolean;
const those = (system: System, names: readonly string[], holds: Holds) =>
  names.map((name) => processAt(system, name)).filter((one) => !one.isDown && holds(one));
// Who stands still until it is gone keeps the place so long.
const isHalted = (process: Process) => process.matches('halted');

/** What is so at no time, and what is so at some. */
function stateClaims(names: readonly string[]): Property<System>[] {
  const some = (holds: Holds) => (system: System) => those(system, names, holds).length > 0;
  return [
    {
      always: 'no unit is held twice, or before it has rested, and none is lost',
      holds: (system) => hostOf(system).verdict.fault === '',
    },
    {
      never: 'two processes coordinate',
      holds: (system) => those(system, names, coordinates).length > 1,
    },
    {
      never: 'who coordinates, or has joined, is not seated',
      holds: some((process) => {
        const isAtWork = coordinates(process) || process.context.isJoined;
        return isAtWork && process.matches('living') && !isSeated(process);
      }),
    },
    {
      never: 'one is gone that was not told to leave',
      holds: some((process) => isGone(process) && !process.context.isLeaving),
    },
    {
      sometimes: 'a unit is asked back',
      holds: some((process) => process.matches({ living: { use: 'giving' } })),
    },
    {
      sometimes: 'one that has a unit joins again',
      holds: some(({ context: { isJoined, line, held } }) => {
        return isJoined && line > 1 && held.length > 0;
      }),
    },
    {
      sometimes: 'one coordinates while what another had rests',
      holds: (system) =>
        some(coordinates)(system) &&
        Object.values(hostOf(system).verdict.holders).includes(resting),
    },
  ];
}

/** What comes at last. */
function runClaims(names: readonly string[], deciding: Deciding): Property<System>[] {
  const passes = (name: string, to: string, holds: Holds) => {
    const isSo = (system: System) => those(system, [name], holds).length > 0;
    return {
      leadsTo: `${name} ${to}`,
      after: isSo,
      holds: (system: System) => !isSo(system) || those(system, names, isHalted).length > 0,
    };
  };
  const holderOf = (system: System, unit: number) => hostOf(system).verdict.holders[unit];
  const isFree = (system: System, unit: number) => {
    const holder = holderOf(system, unit);
    const isAnothers = holder !== undefined && holder !== resting;
    return isAnothers || ownedIn(system, deciding)[unit] !== true;
  };
  return [
    ...names.flatMap((name) => [
      passes(name, 'does not wait for ever', (process) =>
        process.matches({ living: { use: 'wanting' } }),
      ),
      passes(name, 'is seated at last', (process) => !isGone(process) && !isSeated(process)),
    ]),
    ...unitsOf(deciding).map((unit) => ({
      leadsTo: `unit ${unit}, which one had who has ended, is free again`,
      after: (system: System) => holderOf(system, unit) === resting,
      holds: (system: System) =>
        isFree(system, unit) ||
        those(system, names, isHalted).length > 0 ||
        those(system, names, isGone).length === names.length,
    })),
  ];
}
const unitsOf = (deciding: Deciding) => Array.from(deciding.ownersIn({}).keys());

/** Whether it is ended before it has left or not. */
const leavesClaim = (name: string): Property<System> => ({
  leadsTo: `${name} leaves when it is told to`,
  after: (system) => {
    const process = processAt(system, name);
    return !process.isDown && process.context.isLeaving;
  },
  holds: (system) => {
    const process = processAt(system, name);
    return process.isDown || isGone(process);
  },
});

/** Nothing more happens: of each unit it is known who has it, if anybody has. */
function isWhole(system: System, names: readonly string[], deciding: Deciding): boolean {
  const isIn = (state: 'halted' | 'left') => (name: string) =>
    processAt(system, name).matches(state);
  if (names.some(isIn('halted')) || names.every(isIn('left'))) return true;
  const { holders } = hostOf(system).verdict;
  return ownedIn(system, deciding).every((isOwned, unit) => {
    const holder = holders[unit];
    return isOwned === (holder !== undefined && holder !== resting);
  });
}
