/**
 * One node's messenger (CM-9), and what it carries: links to nodes of other processes, and with
 * them what applications outside a stack's process say to it (CT-12). Between
 * threads of one process, envelopes and transfers use direct ports; there it tells of members
 * alone.
 */
import type { Logger } from 'pino';
import type { NodeId } from '../../actors/vocabulary.ts';
import { InterplexError } from '../errors.ts';
import { CutWays } from '../io/cut-ways.ts';
import type { OpenDatagramSocket } from '../io/udp.ts';
import type { AdapterFigures, PathFigures } from '../inspect/figures.ts';
import { limits } from '../limits.ts';
import type { Member, MessagingEvent, ObservedAdapter } from '../messaging/events.ts';
import type { Message } from '../messaging/exchange.ts';
import type { Messenger } from '../messaging/messenger.ts';
import type { RouteInstaller } from '../messaging/routes.ts';
import type { Row } from '../messaging/row.ts';
import type { Links } from '../runtime/links.ts';
import { RemoteLinks } from '../runtime/remote-links.ts';
import type { Sight } from '../runtime/sight.ts';
import type { Configuration } from './configuration.ts';
import { newMessenger } from './new-messenger.ts';

/** What a node is given to find the others of its process by. */
export interface Introduction {
  /** Of those that were there before it. */
  readonly rows: readonly Row[];
  /** Made for this process where none is configured; it opens nothing beyond loopback (CM-10). */
  readonly madeKey: Uint8Array;
}

export interface NodeMessagingOptions {
  readonly id: NodeId;
  readonly configuration: Configuration;
  readonly links: Links;
  readonly log: Logger;
  readonly openSocket: OpenDatagramSocket;
  readonly routeInstaller: RouteInstaller;
  readonly sight: Sight;
  /** A node of another process is seen otherwise than before. */
  readonly onMember: (member: Member) => void;
  /** Another node of the cluster has its name: its messenger has closed. */
  readonly onDisplaced: (error: InterplexError) => void;
}

/** No message of a user's may be taken for one of these. */
const linkKind = 'interplex.link';

export class NodeMessaging {
  readonly #options: NodeMessagingOptions;
  readonly #remote: RemoteLinks;
  readonly #ways: CutWays;
  #messenger: Messenger | undefined;
  #restoring: NodeJS.Timeout | undefined;

  constructor(options: NodeMessagingOptions) {
    const { links, log, openSocket } = options;
    this.#options = options;
    this.#ways = new CutWays(openSocket);
    this.#remote = new RemoteLinks({
      send: (to, bytes) => this.messenger.send(to, wordOf(bytes)),
      open: (peer, port) => links.open(peer, port),
      lose: (peer) => void links.lose(peer),
      log,
    });
  }

  /** Throws IPX_MESSENGER_CLOSED before it is opened: a node opens it first of all. */
  get messenger(): Messenger {
    if (this.#messenger) return this.#messenger;
    const { id } = this.#options;
    const sentence = `The messenger of "${id}" is not open yet: start the node first.`;
    throw new InterplexError('IPX_MESSENGER_CLOSED', sentence);
  }

  /** Opens its adapters. Settles with its row; rejects when none of them opens. */
  async open({ rows, madeKey }: Introduction): Promise<Row> {
    const { id, configuration, routeInstaller, sight } = this.#options;
    const { key, formerKey, seeds, authentication } = configuration.messaging;
    const adapters = configuration.nodes.find((node) => node.id === id)?.adapters ?? [];
    const sealing = key ? { key } : { madeKey };
    const isWholeHere = configuration.here.length === configuration.nodes.length;
    const heartbeatMs =
      isWholeHere && seeds.length === 0 ? limits.heartbeatHereMs : limits.heartbeatMs;
    const options = { node: id, adapters, seeds, rows, heartbeatMs, authentication, ...sealing };
    const openSocket = this.#ways.open;
    const messenger = newMessenger(options, { routeInstaller, openSocket, sight });
    if (formerKey) messenger.acceptKey(formerKey);
    this.#messenger = messenger;
    this.#follow(messenger);
    await messenger.start();
    this.#restoring = setInterval(() => {
      const isCut = messenger.addressTable.observed().some(({ status }) => status !== 'reachable');
      if (isCut) void routeInstaller.restore();
    }, limits.routesRestoredMs);
    const row = messenger.addressTable.rows().find(({ node }) => node === id);
    if (row) return row;
    throw new Error('A messenger that has started has a row.');
  }

  /** For the inspector: this node's adapters, and its ways to those of others (CM-6). */
  figures(): { readonly adapters: AdapterFigures[]; readonly paths: PathFigures[] } {
    const messenger = this.#messenger;
    if (!messenger) return { adapters: [], paths: [] };
    const { id } = this.#options;
    return {
      adapters: adaptersOf(messenger),
      paths: observedFirst(messenger).map((way) => ({
        path: nameOfWay(id, way),
        from: id,
        to: `${way.node} at ${way.address}:${way.port}`,
        status: way.status,
        reason: way.reason,
        ...(way.roundTripMs > 0 && { rttMs: way.roundTripMs }),
      })),
    };
  }

  /** Cuts a way by its name for a while; false where there is none. */
  cut(name: string): boolean {
    const { id } = this.#options;
    const ways = this.#messenger?.addressTable.observed() ?? [];
    const way = ways.find((one) => nameOfWay(id, one) === name);
    if (way) this.#ways.cut(way.address, way.port, limits.inspectCutMs);
    return way !== undefined;
  }

  /** After the links of the node were closed: lets their last words leave, then leaves. */
  async close(): Promise<void> {
    const messenger = this.#messenger;
    clearInterval(this.#restoring);
    await this.#remote.close();
    if (!messenger) return;
    const patience = setTimeout(() => void messenger.close(), limits.goodbyeMs);
    await messenger.leave();
    clearTimeout(patience);
  }

  #follow(messenger: Messenger): void {
    const { links, log, onMember } = this.#options;
    messenger.on(linkKind, ({ bytes }, from) => {
      if (!(bytes instanceof Uint8Array)) return;
      this.#remote.hear(from, Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
    });
    messenger.subscribe((event) => {
      logEvent(log, event);
      if (event.type === 'self.displaced') {
        const { reason } = event.refusal;
        this.#options.onDisplaced(new InterplexError('IPX_NAME_TAKEN', reason));
      }
      if (event.type !== 'member.changed' && event.type !== 'row.changed') return;
      if (links.isHere(event.node)) return;
      // One may be heard before its row has come, by which alone it can be addressed (CM-2).
      const member = messenger.members().find(({ node }) => node === event.node);
      if (member?.status === 'alive') this.#remote.joined(event.node);
      if (event.type !== 'member.changed') return;
      const { node, status, reason } = event;
      log.info({ member: node, status }, `node ${node} is ${status}: ${reason}`);
      if (status === 'dead' || status === 'left') this.#remote.left(node, reason);
      onMember(event);
    });
  }
}

function adaptersOf({ node, addressTable }: Messenger): AdapterFigures[] {
  const own = addressTable.rows().find((row) => row.node === node);
  return (own?.adapters ?? []).map(({ address, port, status, type, mtu }, place) => ({
    node,
    adapter: `${place} ${type}, MTU ${mtu}`,
    address: `${address}:${port}`,
    status,
  }));
}

/** As many as a table may have; those that are in doubt first. */
const observedFirst = ({ addressTable }: Messenger): readonly ObservedAdapter[] => {
  const ways = addressTable.observed();
  const isWell = ({ status }: ObservedAdapter) => status === 'reachable';
  if (ways.length <= limits.inspectRowsMax) return ways;
  const ordered = [...ways.filter((way) => !isWell(way)), ...ways.filter(isWell)];
  return ordered.slice(0, limits.inspectRowsMax);
};

const nameOfWay = (id: NodeId, { node, address, port }: ObservedAdapter): string =>
  `${id} messages to ${node} at ${address}:${port}`;

/** What whoever runs the cluster should know without asking. */
function logEvent(log: Logger, event: MessagingEvent): void {
  switch (event.type) {
    case 'adapter.failed':
      log.warn({ address: event.address, ...event.refusal }, event.refusal.reason);
      return;
    case 'seed.silent': {
      const { seed, attempts, againInMs } = event;
      const sentence = `the seed ${seed} has not answered, asked ${attempts} times`;
      log.warn({ seed, attempts, againInMs }, `${sentence}; again in ${againInMs} ms`);
      return;
    }
    case 'adapter.opened':
      if (event.isMarked) return;
      log.warn({ address: event.address }, 'its class of service is told, and cannot be set here');
      return;
    case 'self.refuted':
      log.warn('this node was declared gone, or another has its name; it has said that it is here');
      return;
    default:
      return; // Members are logged below; the rest is for those who subscribe.
  }
}

interface LinkMessage extends Message {
  readonly bytes: Uint8Array;
}

/** A plain array: a buffer would travel in V8's form, which takes ten times as long. */
const wordOf = ({ buffer, byteOffset, byteLength }: Buffer): LinkMessage => ({
  kind: linkKind,
  bytes: new Uint8Array(buffer, byteOffset, byteLength),
});
