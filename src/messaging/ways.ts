/**
 * The ways to a peer as its messages take them (CM-3, CM-6, CM-7): the machine of each, what goes
 * over which, and what becomes of a way that does not answer.
 */
import type { pathMachine } from '../../actors/messaging/path.ts';
import type { NodeId } from '../../actors/vocabulary.ts';
import { InterplexError } from '../errors.ts';
import { limits } from '../limits.ts';
import { seenAs, type Sight, type SteppedMember } from '../runtime/sight.ts';
import { SteppedActor, SteppedLogic } from '../runtime/stepped-actor.ts';
import type { Clock } from './clock.ts';
import type { MessagingCounters } from './counters.ts';
import type { MessagingEvent, ObservedAdapter, PathStatus } from './events.ts';
import { frameOverhead, nobody, writeSegment, type Segment } from './frames.ts';
import { Outbound } from './outbound.ts';
import type { OwnAdapter, OwnAdapters } from './own-adapters.ts';
import type { Peer } from './peer.ts';
import type { PeerPath } from './peer-path.ts';
import type { Transport } from './transport.ts';

interface Told {
  readonly self: object;
}
export type PathEffects = Readonly<
  Record<
    'reportReachable' | 'reportSuspect' | 'reportUnreachable' | 'reportProbation',
    (told: Told) => void
  >
>;

export interface WaysWorld {
  readonly clock: Clock;
  readonly logic: (effects: PathEffects) => typeof pathMachine;
  readonly counters: MessagingCounters;
  readonly own: OwnAdapters;
  readonly transport: () => Transport;
  readonly tell: (event: MessagingEvent) => void;
  readonly sight: Sight;
}

interface Way {
  readonly path: PeerPath;
  readonly own: OwnAdapter;
}

export class Ways {
  readonly #world: WaysWorld;
  readonly #logic: SteppedLogic<typeof pathMachine>;
  readonly #byActor = new WeakMap<object, { peer: Peer; path: PeerPath }>();
  /** Why the next report of a machine comes. */
  #reason = '';

  constructor(world: WaysWorld) {
    this.#world = world;
    const report = (status: PathStatus) => (told: Told) => {
      const found = this.#byActor.get(told.self);
      if (found) this.#report(found.peer, found.path, status);
    };
    const effects = {
      reportReachable: report('reachable'),
      reportSuspect: report('suspect'),
      reportUnreachable: report('unreachable'),
      reportProbation: report('probation'),
    };
    this.#logic = new SteppedLogic(world.logic(effects));
  }

  /** The first way there now, and the address here from which it leaves. */
  to(peer: Peer): Way | undefined {
    const path = peer.route();
    const own = path && this.#world.own.towards(path.adapter.address, path.place);
    return path && own && { path, own };
  }

  all(peer: Peer): Way[] {
    return peer.paths.flatMap((path) => {
      const own = this.#world.own.towards(path.adapter.address, path.place);
      return own ? [{ path, own }] : [];
    });
  }

  answered(peer: Peer, path: PeerPath): void {
    path.answeredAt = this.#world.clock.now();
    if (path.status !== 'reachable') this.#step(peer, path, 'answer.heard', 'it answers');
  }

  missed(peer: Peer, path: PeerPath): void {
    this.#step(peer, path, 'answer.missed', 'no answer came in time');
  }

  /** The kernel refused a datagram to there: it is too large, or there is no way. */
  unsent(peer: Peer, error: NodeJS.ErrnoException, address: string, port: number): void {
    const path = peer.pathAt(address, port);
    if (!path) return;
    const own = this.#world.own.towards(address, path.place);
    if (error.code === 'EMSGSIZE') path.narrow(own?.row.mtu ?? Infinity);
    else this.#refused(peer, path, error.code ?? error.message);
  }

  /** Sure, and at once. */
  #refused(peer: Peer, path: PeerPath, reason: string): void {
    this.#step(peer, path, 'send.failed', `it cannot be sent to: ${reason}`);
    if (peer.lastPath !== path || peer.session === nobody) return;
    // Without another way its own timer tries again: no way, no spinning.
    if (peer.route()?.isUsable === true) peer.outbound?.resend();
  }

  /** Its stream of reliable messages, made when the first is sent. */
  outboundOf(peer: Peer): Outbound {
    peer.outbound ??= new Outbound({
      clock: this.#world.clock,
      segmentBytes: () => this.#segmentBytes(peer),
      transmit: (segment) => this.#transmit(peer, segment),
      onSilence: () => this.#onSilence(peer),
      patienceMs: () => (peer.lastPath ?? peer.route())?.roundTrip.patienceMs ?? 0,
      onMeasured: (ms) => peer.lastPath?.roundTrip.measure(ms),
      lateError: () => lateError(peer.node),
    });
    return peer.outbound;
  }

  #segmentBytes(peer: Peer): number {
    const way = peer.session === nobody ? undefined : this.to(peer);
    return way ? way.path.blockBytes(way.own.row.mtu) : 0;
  }

  #transmit(peer: Peer, segment: Segment): void {
    const way = this.to(peer);
    if (!way) return;
    const { path, own } = way;
    path.triedAt = this.#world.clock.now();
    peer.lastPath = path;
    const transport = this.#world.transport();
    const body = path.bodyBytes(own.row.mtu);
    const to = transport.destination(own, path.adapter, peer.session, body);
    const size = segment.bytes.length + frameOverhead;
    transport.put(to, size, (writer) => writeSegment(writer, segment));
  }

  /** CM-3: no timely reply over this way: the next one is taken. CM-7: or it is too narrow. */
  #onSilence(peer: Peer): void {
    const path = peer.lastPath;
    if (!path) return;
    this.#world.counters.resent += 1;
    const own = this.#world.own.towards(path.adapter.address, path.place);
    const isAnsweringPings = path.answeredAt > path.triedAt;
    if (own && isAnsweringPings && path.narrow(own.row.mtu)) return;
    this.missed(peer, path);
  }

  #report(peer: Peer, path: PeerPath, status: PathStatus): void {
    if (path.status === status) return;
    path.status = status;
    path.reason = this.#reason;
    path.since = this.#world.clock.now();
    this.#world.tell({ type: 'path.changed', ...observedOf(peer, path) });
  }

  #step(
    peer: Peer,
    path: PeerPath,
    type: 'answer.heard' | 'answer.missed' | 'send.failed',
    why: string,
  ): void {
    this.#reason = why;
    path.actor ??= this.#newActor(peer, path);
    path.actor.send({ type });
  }

  #newActor(peer: Peer, path: PeerPath): NonNullable<PeerPath['actor']> {
    const { pathSilenceMs: silenceMs, pathProbation: probation } = limits;
    const actor = new SteppedActor({
      logic: this.#logic,
      input: { silenceMs, probation },
      onDone: () => undefined,
      clock: this.#world.clock,
      onStep: seenAs(this.#world.sight, () => nameOf(peer, path)),
    });
    this.#byActor.set(actor, { peer, path });
    actor.start();
    return actor;
  }
}

/** For who watches: the machines of ways that have ever been in doubt. */
export const pathActorsOf = (peer: Peer): SteppedMember[] =>
  peer.paths.flatMap((path) => {
    const { actor } = path;
    return actor ? [{ name: nameOf(peer, path), actor }] : [];
  });

const nameOf = ({ node }: Peer, { adapter: { address, port } }: PeerPath): string =>
  `path to ${node} at ${address}:${port}`;

/** What this node sees of another's adapter (CM-6). */
export const observedOf = ({ node }: Peer, path: PeerPath): ObservedAdapter => ({
  node,
  address: path.adapter.address,
  port: path.adapter.port,
  status: path.status,
  reason: path.reason,
  since: path.since,
  roundTripMs: path.roundTrip.smoothedMs,
});

const lateError = (node: NodeId): InterplexError =>
  new InterplexError(
    'IPX_MESSAGE_TIMEOUT',
    `Node "${node}" has not received the message in time; it may receive it yet. ` +
      'Give a longer timeoutMs, or look at addressTable.observed() for its adapters.',
  );
