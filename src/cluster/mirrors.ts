/** Mirrors of files over the data ports of a node (DP-10): where their machine gets its effects. */
import { mirrorMachine } from '../../actors/data-port/mirror.ts';
import type { DataPort } from '../data-port/port.ts';
import type { AcceptedPorts, AcceptFunction } from '../data-port/data-ports.ts';
import { bounds } from '../data-port/mirror-bounds.ts';
import { leave, MirrorChannels, type Opener } from '../data-port/mirror-channel.ts';
import type { MirrorEffects } from '../data-port/mirror-effects.ts';
import {
  parseMirrorOptions,
  parseReceiveOptions,
  type MirrorOptions,
  type ReceiveMirrorsOptions,
} from '../data-port/mirror-options.ts';
import { MirrorReception, Replicas, type ReplicaEvent } from '../data-port/mirror-reception.ts';
import { MirrorSource } from '../data-port/mirror-source.ts';
import { FileWatch } from '../data-port/mirror-watch.ts';
import { Mirror } from '../data-port/mirror.ts';
import { requireListener } from '../options.ts';
import { tellEach } from '../listeners.ts';
import { sightOfNode } from '../runtime/sight.ts';
import { complete } from './provide.ts';

/** A mirror at its source's end, with its effects. */
export const mirrorMachineLogic = (actions: MirrorEffects['actions']) =>
  complete(mirrorMachine.provide({ actions }));

/**
 * Mirrors a file to another node, which receives mirrors. Settles when the target was reached, or,
 * where it has a replica of this file already, when it is known that it is to be waited for.
 * Rejects with IPX_OPTION_INVALID, IPX_MIRROR_SOURCE, IPX_MIRROR_HELD, IPX_MIRROR_HISTORY,
 * IPX_MIRROR_FOREIGN, or why the target cannot be reached.
 */
export async function mirrorFile(node: Opener, options: MirrorOptions): Promise<Mirror> {
  const order = parseMirrorOptions(options);
  const { file, to, backups, service, links, watch, full, durable, congestion } = order;
  const { blockBytes, backlogBytes } = order;
  const source = await MirrorSource.open({
    file,
    blockBytes,
    backlogBytes,
    isDurable: durable,
    isWaiting: congestion === 'wait',
  });
  const channels = new MirrorChannels(node, { to, backups, service, links });
  let mirror: Mirror | undefined;
  try {
    const isPatient = await source.recall([to, ...backups].map(nameOf), watch);
    const looking = watch ? new FileWatch(source, () => void mirror?.close()) : undefined;
    await looking?.look();
    mirror = new Mirror({
      source,
      channels,
      logic: mirrorMachineLogic,
      input: { isFull: full, isPatient, limits: mirrorLimits },
      look: looking && (() => looking.look()),
      onEnd: () => looking?.close(),
      sight: sightOfNode(node),
    });
  } catch (error) {
    await source.close();
    throw error;
  }
  try {
    await mirror.whenBegun();
  } catch (error) {
    await mirror.ended;
    throw error;
  }
  return mirror;
}

const mirrorLimits = {
  greetMs: bounds.greetMs,
  drainMs: bounds.drainMs,
  retryMs: bounds.retryMs,
};

const nameOf = (place: MirrorOptions['to']) => (typeof place === 'string' ? place : place.node);

/** Whoever takes data ports. */
export interface Taker {
  acceptDataPorts(service: string, accept: AcceptFunction): Promise<AcceptedPorts>;
}
/** Replicas that are written by the mirrors of other nodes. */
export interface MirrorTarget extends AsyncDisposable {
  readonly addresses: AcceptedPorts['addresses'];
  /** Returns how to be told no more. */
  register(client: { readonly onEvent: (event: ReplicaEvent) => void }): () => void;
  /** Takes no more; the replicas are whole when it settles. */
  close(): Promise<void>;
}

/** Takes mirrors into a folder or a file. Rejects with IPX_OPTION_INVALID, IPX_SERVICE_TAKEN. */
export async function receiveMirrors(
  node: Taker,
  options: ReceiveMirrorsOptions,
): Promise<MirrorTarget> {
  const { into, service, durable } = parseReceiveOptions(options);
  const listeners = new Set<(event: ReplicaEvent) => void>();
  const replicas = new Replicas({
    into,
    isDurable: durable,
    onEvent: (event) => tellEach(listeners, event),
  });
  const ports = new Set<DataPort>();
  const leaveOpen = async (port: DataPort) => {
    if (ports.has(port)) await leave(port);
  };
  const accepted = await node.acceptDataPorts(service, (port) => {
    const channel = { post: (message: Buffer) => port.post(message), leave: () => leaveOpen(port) };
    const reception = new MirrorReception(replicas, channel);
    ports.add(port);
    void port.ended.then(() => ports.delete(port));
    port.receive((message) => reception.receive(message));
  });
  const close = async () => {
    accepted.close();
    await Promise.all([...ports].map(leaveOpen));
    await replicas.close();
  };
  return {
    addresses: accepted.addresses,
    register: ({ onEvent }) => {
      requireListener('register()', onEvent);
      const listener = (event: ReplicaEvent) => onEvent(event);
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}
