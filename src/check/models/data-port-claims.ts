/** What a data port promises, said of the states of its model (DP-5, DP-6, DP-8). */
import type { Property } from '../properties.ts';
import type { ActorState, SystemState } from '../system-state.ts';
import type { portCellMachine } from './data-port-cell.ts';
import type { PortPlan } from './data-port-plan.ts';

type System = SystemState;
const cellAt = ({ actors }: System, name: string) =>
  (actors[`${name}.cell`] as unknown as ActorState<typeof portCellMachine>).context;
const numberOf = (applied: number) => (applied < 0 ? -applied - 1 : applied);
const appliedAt = (system: System, target: string) => cellAt(system, target).applied.map(numberOf);
const isAscending = (numbers: readonly number[]) =>
  numbers.every((number, at) => at === 0 || number > numbers[at - 1]!);

/** What a channel promises of one incarnation of a target. */
function isKept(system: System, target: string, { kind, keys }: PortPlan): boolean {
  const applied = appliedAt(system, target);
  switch (kind) {
    case 'ordered':
      return applied.every((number, at) => number === applied[0]! + at);
    case 'keyed':
      return [...new Set(keys)].every((key) =>
        isAscending(applied.filter((number) => keys[number] === key)),
      );
    case 'unordered':
      return new Set(applied).size === applied.length;
    case 'latest':
      return isAscending(applied);
  }
}

/** Applied somewhere; of a channel for the latest, what came after it may stand for it. */
function isApplied(system: System, number: number, { kind, targets }: PortPlan): boolean {
  const applied = targets.flatMap((target) => appliedAt(system, target));
  return kind === 'latest' ? applied.some((one) => one >= number) : applied.includes(number);
}

/** Each message that was accepted is known to be applied, and the port is open; or it has ended. */
export function isSettled(system: System, { keys }: PortPlan): boolean {
  const { accepted, settled, reported } = cellAt(system, 'edge');
  const { status, hasTag } = system.actors['edge']!;
  const isOver = status === 'done';
  const count = isOver ? accepted.length : keys.length;
  return settled.length + reported.length === count && (isOver || hasTag('usable'));
}

export function dataPortClaims(port: PortPlan): Property<System>[] {
  const { targets, acknowledgement } = port;
  const [first = '', backup] = targets;
  const settledOf = (system: System) => cellAt(system, 'edge').settled;
  return [
    ...targets.map((target) => ({
      always: `what ${target} applies is what the channel promises`,
      holds: (system: System) => isKept(system, target, port),
    })),
    ...(acknowledgement === 'applied'
      ? [
          {
            never: 'a message is said to be applied that no target has applied',
            holds: (system: System) =>
              settledOf(system).some((number) => !isApplied(system, number, port)),
          },
        ]
      : []),
    {
      never: 'a message is reported as lost while its port is open',
      holds: (system) =>
        cellAt(system, 'edge').reported.length > 0 && system.actors['edge']!.status !== 'done',
    },
    {
      sometimes: 'every message is applied',
      holds: (system) => settledOf(system).length === port.keys.length,
    },
    ...(backup === undefined ? [] : failoverClaims(port, first, backup)),
    {
      eventually: 'every message is applied, or reported when the port ends',
      holds: (system) => isSettled(system, port),
    },
  ];
}

function failoverClaims(port: PortPlan, first: string, backup: string): Property<System>[] {
  return [
    {
      never: 'a port ends whose backup answers',
      holds: ({ actors }) => actors['edge']!.status === 'done',
    },
    {
      never: 'the backup applies, unmarked, what the first target has applied',
      holds: (system) =>
        cellAt(system, backup).applied.some(
          (applied) => applied >= 0 && appliedAt(system, first).includes(applied),
        ),
    },
    {
      sometimes: 'what the first target has applied comes to the backup, marked',
      holds: (system) =>
        cellAt(system, backup).applied.some(
          (applied) => applied < 0 && appliedAt(system, first).includes(numberOf(applied)),
        ),
    },
    ...(port.kind === 'ordered'
      ? [
          {
            never: 'a message lies between the two targets, with neither',
            holds: (system: System) => {
              const [begin] = appliedAt(system, backup);
              return begin !== undefined && begin > appliedAt(system, first).length;
            },
          } as Property<System>,
        ]
      : []),
  ];
}
