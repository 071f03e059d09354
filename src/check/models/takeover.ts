/**
 * A VIPA taken over and taken back: the machine of each node that may own it, unchanged, over the
 * lease in shared memory (CT-14). Nodes crash and start again; who lives is told, for certain.
 */
import { vipaMachine } from '../../../actors/vipa.ts';
import type { Takeback } from '../../../actors/vipa.ts';
import type { NodeId, Refusal } from '../../../actors/vocabulary.ts';
import { actor } from '../model-actor.ts';
import type { Model, Network } from '../model.ts';
import type { AnyActors, ModelActor, ModelEnvironment } from '../model-actor.ts';
import { sharedLeaseMachine } from './shared-lease.ts';
import { isOwned, takeoverClaims } from './takeover-claims.ts';
import { threadsEnvironment, threadsMachine } from './threads.ts';
import { vipaStackEnvironment, vipaStackMachine } from './vipa-stack.ts';

export interface TakeoverOptions {
  /** The owner and its backups. Default: 2. */
  readonly nodes?: number;
  readonly takeback?: Takeback;
  readonly network?: Network;
  /** Altogether, of any node. Default: 1. */
  readonly crashes?: number;
  readonly restarts?: number;
  /** Whether a listener may fail, and a node be drained. */
  readonly isTroubled?: boolean;
  /** Whether the coupling facility answers only later. */
  readonly isSlow?: boolean;
  readonly vipa?: typeof vipaMachine;
}

const refusal: Refusal = { code: 'IPX_EXAMPLE', reason: '' };

export function takeoverModel({
  nodes: count = 2,
  takeback = 'whenIdle',
  network = {},
  crashes = 1,
  restarts = 1,
  isTroubled = false,
  isSlow = false,
  vipa = vipaMachine,
}: TakeoverOptions = {}): Model<AnyActors> {
  const nodes = Array.from({ length: count }, (_, index) => `hall-${index + 1}` as NodeId);
  const machine = vipaStackMachine.provide({ actors: { vipa } });
  const stackOf = (node: NodeId): ModelActor =>
    actor(machine, {
      input: { node, preference: nodes, takeback, living: nodes, isSlow },
      environment: vipaStackEnvironment(isTroubled),
      children: { vipa: vipaEnvironment(isTroubled, takeback) },
    });
  const threads = actor(threadsMachine, {
    input: {
      nodes: Object.fromEntries(nodes.map((node) => [node, [node]])),
      kernel: ['lease'],
      crashesLeft: crashes,
      restartsLeft: restarts,
    },
    environment: threadsEnvironment({ crashing: nodes, restarting: nodes }),
  });
  return {
    actors: {
      threads: threads,
      lease: actor(sharedLeaseMachine),
      ...Object.fromEntries(nodes.map((node) => [node, stackOf(node)])),
    },
    cells: ['threads', 'lease'],
    network,
    properties: takeoverClaims(nodes, { isSlow, isTroubled }),
    deadlock: (system) => isOwned(system, nodes),
  };
}

function vipaEnvironment(
  isTroubled: boolean,
  takeback: Takeback,
): ModelEnvironment<typeof vipaMachine> {
  return {
    effects: {
      acquire: ({ context: { node } }) => [{ to: 'lease', event: { type: 'acquire', node } }],
      release: ({ context: { node, epoch } }) => [
        { to: 'lease', event: { type: 'release', node, epoch } },
      ],
      listener: ({ params }) => {
        const { epoch } = params as { epoch: never };
        const failed = { type: 'listener.failed', epoch, refusal } as const;
        const opened = { type: 'listener.opened', epoch } as const;
        return isTroubled ? [opened, [opened, failed], failed] : [opened];
      },
      // Who is to give it back at once need not wait: its clients may stay for ever.
      awaitIdle: () => (takeback === 'whenIdle' ? [{ type: 'clients.gone' }] : [[]]),
    },
    silences: { awaitIdle: ['awaitIdle'] },
  };
}
