/** What runs in a node's worker thread: one piscina task, which ends when the node has stopped. */
import { threadId, type MessagePort } from 'node:worker_threads';
import type { NodeId, VipaName } from '../../actors/vocabulary.ts';
import { InterplexError } from '../errors.ts';
import { callsOn, exposeOn } from '../runtime/control.ts';
import { hostedSockets } from '../runtime/hosted-sockets.ts';
import { workerLog } from '../runtime/log.ts';
import type { Member } from '../messaging/events.ts';
import type { RouteInstaller } from '../messaging/routes.ts';
import type { Row } from '../messaging/row.ts';
import type { Route } from '../transfer/routing-table.ts';
import type { HostAnswer } from '../ports/host-words.ts';
import type { SharedPool } from '../ports/shared-pool.ts';
import type { DestinationCount } from '../ports/source-ports.ts';
import type { PortConflict } from './node-ports.ts';
import type { Configuration } from './configuration.ts';
import type { Introduction } from './node-messaging.ts';
import { NodeRuntime } from './node-runtime.ts';
import type { ApplicationFailure } from './node-world.ts';
import { PortWishes, type PortWish } from './port-wishes.ts';
import type { SharedMemory } from './shared-memory.ts';
import { heapBytes, VitalSigns, type Figures } from './vital-signs.ts';

/** What the main thread gives to the task. */
export interface NodeTask {
  readonly id: NodeId;
  readonly configuration: Configuration;
  readonly memory: SharedMemory;
  readonly held: ReadonlyMap<VipaName, number>;
  readonly living: readonly NodeId[];
  readonly control: MessagePort;
  readonly reports: MessagePort;
  readonly inspection: MessagePort | undefined;
  readonly sockets: MessagePort;
  /** To who puts routes into the kernel. */
  readonly routes: MessagePort;
}

/** What the worker tells without being asked. */
export type NodeReport =
  | { type: 'log'; line: string }
  | { type: 'vipa.owned'; vipa: VipaName; port: number }
  | ({ type: 'ports.wanted' } & PortWish)
  | { type: 'member.changed'; member: Member }
  | { type: 'application.failed'; failure: ApplicationFailure };

/** What became of opening its messenger. */
export type MeetOutcome = { ok: true; row: Row } | { ok: false; code: string; reason: string };

/** Errors lose their class between threads, so a start is told as a value. */
export type StartOutcome =
  | { ok: true; threadId: number }
  | { ok: false; code: string; reason: string };

/** What the main thread may ask of a node. */
export interface NodeControl {
  meet(introduction: Introduction): Promise<MeetOutcome>;
  link(peer: { id: NodeId; port: MessagePort }): void;
  start(): Promise<StartOutcome>;
  lose(peer: NodeId): Promise<void>;
  routes(): readonly Route[];
  health(): Figures;
  portDestinations(): readonly DestinationCount[];
  registerPorts(pools: readonly SharedPool[]): Promise<readonly PortConflict[]>;
  answerPorts(told: { ask: number; answer: HostAnswer }): void;
  stop(): Promise<void>;
}

/** The task itself: piscina calls it once in each node's thread. */
export async function runNode(task: NodeTask): Promise<void> {
  const { id, configuration, memory, held, living, control, reports, inspection } = task;
  const routeInstaller = callsOn<RouteInstaller>(task.routes, id);
  const report = (message: NodeReport) => reports.postMessage(message);
  const log = workerLog((line) => report({ type: 'log', line }), configuration.logLevel);
  const wishes = new PortWishes((wish) => report({ type: 'ports.wanted', ...wish }));
  const node = new NodeRuntime({
    id,
    configuration,
    memory,
    held,
    living,
    log: log.child({ node: id }),
    inspection,
    openSocket: hostedSockets(task.sockets),
    routeInstaller,
    wantPorts: wishes.want,
    onOpen: (vipa, port) => report({ type: 'vipa.owned', vipa, port }),
    onMember: (member) => report({ type: 'member.changed', member }),
    onFailure: (failure) => report({ type: 'application.failed', failure }),
  });
  const figures = () => ({
    threadId,
    clients: node.stack.clients.size,
    transfersUnderway: node.stack.transfersUnderway,
    mailboxDepth: node.actors.mailboxDepth,
  });
  const index = configuration.nodes.findIndex((other) => other.id === id);
  const stopTelling = new VitalSigns(memory.vitalSigns).tell(index, figures);
  await new Promise<void>((resolve) => {
    const calls: NodeControl = {
      meet: (introduction) =>
        outcomeOf(async () => ({ row: await node.messaging.open(introduction) })),
      link: ({ id: peer, port }) => node.link(peer, port),
      start: () => outcomeOf(async () => node.start().then(() => ({ threadId }))),
      lose: (peer) => node.links.lose(peer),
      routes: () => node.routes.table.rows(),
      registerPorts: (pools) => node.ports.register(pools),
      answerPorts: ({ ask, answer }) => wishes.answer(ask, answer),
      portDestinations: () => node.ports.sources.destinationFigures(),
      health: () => ({ ...figures(), heapBytes: heapBytes() }),
      stop: async () => {
        await node.stop();
        setImmediate(resolve); // After the answer has left.
      },
    };
    exposeOn(calls, control);
  });
  stopTelling();
}

async function outcomeOf<Told extends object>(work: () => Promise<Told>) {
  try {
    return { ok: true as const, ...(await work()) };
  } catch (error) {
    if (!(error instanceof InterplexError)) throw error;
    return { ok: false as const, code: error.code, reason: error.message };
  }
}
