/**
 * A data port as it runs: the machines of both its ends and of a backup, their paths, resets and
 * failover, unchanged; beside them the product's own session, dialler and reception as cells, and
 * the lines between. Connections break, answers are late, a target crashes or cannot be reached
 * (DP-6, DP-7, DP-8). Left out: time, messages larger than a frame, and full windows.
 */
import type { Epoch, NodeId } from '../../../actors/vocabulary.ts';
import { actor } from '../model-actor.ts';
import type { Model } from '../model.ts';
import type { AnyActors, ModelActor } from '../model-actor.ts';
import { portCellEnvironment, portCellMachine } from './data-port-cell.ts';
import { dataPortClaims, isSettled } from './data-port-claims.ts';
import { pathEnvironments, portEnvironment } from './data-port-environments.ts';
import { Histories } from './data-port-histories.ts';
import { lineEnvironment, lineMachine } from './data-port-line.ts';
import { composed, type DataPortMachines } from './data-port-machines.ts';
import { lineOf, type PortPlan } from './data-port-plan.ts';
import { SourceEnd } from './data-port-source.ts';
import { TargetEnd } from './data-port-target.ts';

export interface DataPortModelOptions extends Partial<PortPlan> {
  readonly machines?: Partial<DataPortMachines>;
  /** Breaks of connections, by path; of each line to the first target. */
  readonly breaks?: readonly number[];
  /** How often an answer may be so late that a path is suspected. */
  readonly suspicions?: number;
  readonly crashes?: number;
  /** Whether the lines to the first target may be cut for ever. */
  readonly isCut?: boolean;
  /** Whether its client may close the port at any time. */
  readonly isClosed?: boolean;
  readonly source?: typeof SourceEnd;
  readonly target?: typeof TargetEnd;
  /** Who looks at what the ends went through. */
  readonly onHistories?: (histories: Histories) => void;
}
type Whole = Required<Omit<DataPortModelOptions, 'machines' | 'onHistories'>> &
  Pick<DataPortModelOptions, 'machines' | 'onHistories'>;
type Actors = Readonly<Record<string, ModelActor>>;

const shipped: Whole = {
  kind: 'ordered',
  keys: ['a', 'b'],
  acknowledgement: 'applied',
  links: 2,
  targets: ['hall'],
  breaks: [],
  suspicions: 0,
  crashes: 0,
  isCut: false,
  isClosed: false,
  source: SourceEnd,
  target: TargetEnd,
};
const limits = {
  dialMs: 1,
  closeMs: 1,
  deadMs: 1,
  backoffMs: { least: 1, most: 1 },
  openMs: 1,
  abandonMs: 1,
  drainMs: 1,
};
/** That a dial, or an end without any path, is given up for its length is no matter of order. */
const timers = ['backoff', 'deadLimit', 'drainLimit'];
const upTo = (count: number) => Array.from({ length: count }, (_, index) => index);

export function dataPortModel(options: DataPortModelOptions = {}): Model<AnyActors> {
  const whole: Whole = { ...shipped, ...options };
  const { targets, links, crashes } = whole;
  const [first = ''] = targets;
  const [cells, lines] = [cellsOf(whole), linesOf(whole)];
  const told = (crashed: string) => [
    { to: `${crashed}.cell`, event: { type: 'crashed' } },
    ...upTo(links).map((path) => {
      return { to: lineOf(crashed, path), event: { type: 'target.crashed' } };
    }),
  ];
  return {
    actors: { ...portsOf(whole), ...cells, ...lines },
    cells: [...Object.keys(cells), ...Object.keys(lines)],
    timers,
    ...(crashes > 0 && {
      crashes: { atMost: crashes, actors: [first], restart: 'never', told } as const,
    }),
    properties: dataPortClaims(whole),
    deadlock: (system) => isSettled(system, whole),
  };
}

function portsOf({ targets, links, machines = {}, isClosed }: Whole): Actors {
  const machine = composed(machines);
  const [first = '', ...backups] = targets as NodeId[];
  const portOf = (name: string, to: string, epoch: number, others: Partial<ModelActor>) => ({
    machine,
    input: {
      target: to as NodeId,
      epoch: epoch as Epoch,
      links,
      backups: name === 'edge' ? backups : [],
      failover: name === 'edge' ? 'automatic' : 'client',
      limits,
    },
    environment: portEnvironment(name, name === 'edge' && isClosed),
    children: pathEnvironments(name),
    ...others,
  });
  const accepted = targets.map((name, index) => {
    return [name, portOf(name, 'edge', index + 1, { beginsAt: 'accepted' })] as const;
  });
  return { edge: portOf('edge', first, 1, {}), ...Object.fromEntries(accepted) };
}

function cellsOf({ source, target, onHistories, suspicions, ...plan }: Whole): Actors {
  const { links, keys, targets } = plan;
  const cellOf = (name: string, histories: Histories, count: number) => {
    onHistories?.(histories);
    const late = name === 'edge' ? suspicions : 0;
    const input = { port: name, histories, suspicions: late, count };
    const environment = portCellEnvironment(late > 0 ? links : 0);
    return [`${name}.cell`, actor(portCellMachine, { input, environment })] as const;
  };
  const near = new Histories(() => new source(plan), source.probes(plan));
  const far = targets.map((name) => {
    return cellOf(name, new Histories(() => new target(name, plan), target.probes(plan)), 0);
  });
  return Object.fromEntries([cellOf('edge', near, keys.length), ...far]);
}

function linesOf({ targets, links, breaks, isCut }: Whole): Actors {
  const lines = targets.flatMap((target, index) =>
    upTo(links).map((path) => {
      const input = {
        ends: { up: `${target}.cell`, down: 'edge.cell' },
        breaksLeft: index === 0 ? (breaks[path] ?? 0) : 0,
        cutsLeft: index === 0 && isCut ? 1 : 0,
      };
      const line = actor(lineMachine, { input, environment: lineEnvironment });
      return [lineOf(target, path), line] as const;
    }),
  );
  return Object.fromEntries(lines);
}
