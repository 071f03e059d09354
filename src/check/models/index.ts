/** The project's own models, by name: what a command lists and runs. Each ends by itself. */
import { InterplexError } from '../../errors.ts';
import type { Model, Network } from '../model.ts';
import type { AnyActors } from '../model-actor.ts';
import { portsModel } from './ports.ts';
import type { ModelSource } from '../model-source.ts';
import { dataPortModel } from './data-port.ts';
import { deliveryModel } from './delivery.ts';
import { hostPortsModel } from './host-ports.ts';
import { membershipModel } from './membership.ts';
import { peerModel } from './peer.ts';
import { stationModel } from './station.ts';
import { wayModel } from './way.ts';
import { mirrorModel } from './mirror.ts';
import { takeoverModel } from './takeover.ts';
import { transferModel } from './transfer.ts';

export interface CheckedModel {
  readonly name: string;
  /** What it is of, and what was bounded. */
  readonly description: string;
  readonly model: () => Model<AnyActors>;
}

const faults = {
  order: 'none',
  loss: 'possible',
  duplication: 'possible',
} as const satisfies Network;

export const models: readonly CheckedModel[] = [
  {
    name: 'transfer',
    description: 'A transfer of two attempts to two targets; one crash; called off at any time.',
    model: () => transferModel({ isCalledOff: true, isWatched: true, isOfRuns: true }),
  },
  {
    name: 'transfer-prompt',
    description: 'The same without a timer: what must end without silence being noticed.',
    model: () =>
      transferModel({ isPrompt: true, isCalledOff: true, isWatched: true, isOfRuns: true }),
  },
  {
    name: 'transfer-relayed',
    description: 'The same, of a relayed connection: custody answers only later.',
    model: () =>
      transferModel({ isSlow: true, isCalledOff: true, isWatched: true, isOfRuns: true }),
  },
  {
    name: 'transfer-faults',
    description: 'A transfer of two attempts; one crash; messages lost, repeated and overtaken.',
    model: () => transferModel({ network: faults, isOfRuns: true }),
  },
  {
    name: 'two-transfers',
    description: 'Two transfers at once, of two attempts and of one; one crash.',
    model: () => transferModel({ attempts: [2, 1] }),
  },
  {
    name: 'two-transfers-faults',
    description: 'Two transfers at once, of one attempt; one crash; all that a network may do.',
    model: () => transferModel({ attempts: [1, 1], network: faults, isOfRuns: true }),
  },
  {
    name: 'takeover',
    description: 'A VIPA of two nodes; two crashes and restarts; drained; a listener may fail.',
    model: () => takeoverModel({ crashes: 2, restarts: 2, isTroubled: true }),
  },
  {
    name: 'takeover-slow',
    description: 'The same, given back at once, with leases that take a while to answer.',
    model: () =>
      takeoverModel({
        crashes: 2,
        restarts: 2,
        isTroubled: true,
        isSlow: true,
        takeback: 'immediate',
      }),
  },
  {
    name: 'takeover-of-three',
    description: 'A VIPA of three nodes; two crashes and restarts.',
    model: () => takeoverModel({ nodes: 3, crashes: 2, restarts: 2 }),
  },
  {
    name: 'delivery',
    description: 'Two segments over two ways, of which one may be cut; one loss; any order.',
    model: () => deliveryModel(),
  },
  {
    name: 'delivery-faults',
    description: 'The same; all that a network may do.',
    model: () => deliveryModel({ network: faults, isOfRuns: false }),
  },
  {
    name: 'station',
    description: 'A messenger and two addresses that fail and open; it leaves, or is displaced.',
    model: () => stationModel(),
  },
  {
    name: 'way',
    description: 'A way to a peer, found by pings; cut once and mended, two answers late.',
    model: () => wayModel(),
  },
  {
    name: 'way-refused',
    description: 'The same; the kernel knows when it is cut.',
    model: () => wayModel({ isRefusing: true }),
  },
  {
    name: 'peer',
    description: 'A peer that falls silent, leaves, comes back, is accused; its tombstone expires.',
    model: () => peerModel(),
  },
  {
    name: 'membership',
    description: 'A node that answers, and one that misses two of its answers; one loss.',
    model: () => membershipModel({ observers: 1, failures: 2 }),
  },
  {
    name: 'membership-of-two',
    description: 'A node that answers, and two that miss one of its answers each, in any order.',
    model: () => membershipModel({ network: { order: 'none' } }),
  },
  ...(['bitmap', 'list', 'table'] as const).flatMap((structure) => [
    {
      name: `ports-${structure}`,
      description: `Source ports by the ${structure}: two stacks, two units; one crash anywhere.`,
      model: () => portsModel({ structure, stacks: 2 }),
    },
    {
      name: `ports-${structure}-of-three`,
      description: `Source ports by the ${structure}: three stacks, two units; one crash anywhere.`,
      model: () => portsModel({ structure }),
    },
  ]),
  {
    name: 'host-ports',
    description: 'Ports of two processes, one unit; one crash, and one within any decision.',
    model: () => hostPortsModel({ tears: 1 }),
  },
  {
    name: 'host-ports-cut',
    description: 'The same, two units; one crash; a follower is cut off once.',
    model: () => hostPortsModel({ units: 2, cuts: 1 }),
  },
  {
    name: 'host-ports-left',
    description: 'The same, one unit; one crash; a process is cut off, and one leaves.',
    model: () => hostPortsModel({ cuts: 1, leaves: 1 }),
  },
  {
    name: 'host-ports-of-three',
    description: 'Ports of three processes, one unit; one crash.',
    model: () => hostPortsModel({ processes: 3 }),
  },
  {
    name: 'host-ports-of-the-dead',
    description: 'The same; two crashes for good, and one within any decision.',
    model: () => hostPortsModel({ processes: 3, crashes: 2, tears: 1, restarts: false }),
  },
  {
    name: 'mirror',
    description: 'A mirror of a file of two blocks, one of them written; the line is cut once.',
    model: () => mirrorModel({ plan: [0], crashes: 0, cuts: 1 }),
  },
  {
    name: 'mirror-crash',
    description: "The same; the source's process crashes once, at any step.",
    model: () => mirrorModel({ plan: [0], crashes: 1, cuts: 0 }),
  },
  {
    name: 'data-port-ordered',
    description: 'A data port of two paths, two messages in order; a connection breaks, once.',
    model: () => dataPortModel({ breaks: [1] }),
  },
  {
    name: 'data-port-keyed',
    description: 'The same; three messages of two keys.',
    model: () => dataPortModel({ kind: 'keyed', keys: ['a', 'b', 'a'], breaks: [1] }),
  },
  {
    name: 'data-port-unordered',
    description: 'The same; two messages in any order, known to be received.',
    model: () => dataPortModel({ kind: 'unordered', acknowledgement: 'received', breaks: [1] }),
  },
  {
    name: 'data-port-latest',
    description: 'The same; of two messages the latest counts.',
    model: () => dataPortModel({ kind: 'latest', breaks: [1] }),
  },
  {
    name: 'data-port-late',
    description: 'The same, in order; an answer is late, and its path suspected.',
    model: () => dataPortModel({ suspicions: 1 }),
  },
  {
    name: 'data-port-failover',
    description: 'A data port of two paths, two messages, with a backup; its target crashes.',
    model: () => dataPortModel({ targets: ['hall', 'spare'], crashes: 1 }),
  },
  {
    name: 'data-port-fenced',
    description: 'The same; its target lives, and the lines to it are cut, each at any time.',
    model: () => dataPortModel({ targets: ['hall', 'spare'], isCut: true }),
  },
  {
    name: 'data-port-closed',
    description: 'A data port of two paths, two messages; a break; its client closes it.',
    model: () => dataPortModel({ breaks: [1], isClosed: true }),
  },
];

/**
 * The model of that name, for a thread that makes its own. Throws IPX_MODEL_UNKNOWN.
 * @public
 */
export function modelNamed(name: string): Model<AnyActors> {
  const found = models.find((model) => model.name === name);
  if (found) return found.model();
  const names = models.map((model) => model.name).join(', ');
  throw new InterplexError('IPX_MODEL_UNKNOWN', `There is no model "${name}". There are ${names}.`);
}

/** Where threads find it. */
export const sourceOf = ({ name }: CheckedModel): ModelSource => ({
  module: import.meta.url,
  export: 'modelNamed',
  argument: name,
});
