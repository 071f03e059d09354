/**
 * All other nodes that this one deals with, and what it thinks of each: the machine of its
 * membership, whose reports are told to whoever subscribed, with their reason (CM-6).
 */
import type { MembershipEvent, membershipMachine } from '../../actors/messaging/membership.ts';
import type { NodeId } from '../../actors/vocabulary.ts';
import { InterplexError } from '../errors.ts';
import { limits } from '../limits.ts';
import { seenAs, type Sight, type SteppedMember } from '../runtime/sight.ts';
import { SteppedActor, SteppedLogic } from '../runtime/stepped-actor.ts';
import { rowOf } from './address-table.ts';
import type { Clock } from './clock.ts';
import type { Directory } from './directory.ts';
import type { Member, MemberStatus, MessagingEvent, ObservedAdapter } from './events.ts';
import { nobody } from './frames.ts';
import { Peer } from './peer.ts';
import { PeerPath } from './peer-path.ts';
import type { Row } from './row.ts';
import type { Transport } from './transport.ts';
import { observedOf, pathActorsOf } from './ways.ts';

interface Told {
  readonly self: object;
}
type Effect =
  | 'investigate'
  | 'ceaseInvestigation'
  | 'declareGone'
  | 'reportAlive'
  | 'reportSuspect'
  | 'reportDead'
  | 'reportLeft'
  | 'forget';
export type MembershipEffects = Readonly<Record<Effect, (told: Told) => void>>;

export interface PeersWorld {
  readonly clock: Clock;
  readonly logic: (effects: MembershipEffects) => typeof membershipMachine;
  readonly directory: Directory;
  readonly transport: () => Transport;
  readonly tell: (event: MessagingEvent) => void;
  /** Something is to be sent to a node of which nothing has come yet. */
  readonly greet: (peer: Peer) => void;
  readonly sight: Sight;
}

export class Peers {
  readonly #world: PeersWorld;
  readonly #peers = new Map<NodeId, Peer>();
  readonly #byActor = new WeakMap<object, Peer>();
  readonly #logic: SteppedLogic<typeof membershipMachine>;
  /** Why the next report of a machine comes. */
  #reason = '';
  /** To be looked for until they are heard, or dead. */
  readonly suspects = new Set<Peer>();
  #due = new Set<Peer>();

  constructor(world: PeersWorld) {
    this.#world = world;
    this.#logic = new SteppedLogic(world.logic(this.#effects()));
    world.sight.onStepped(() => this.#stepped());
  }

  get all(): Iterable<Peer> {
    return this.#peers.values();
  }

  /** All that was sent to any of them is received, or given up. */
  get areIdle(): boolean {
    return [...this.#peers.values()].every(({ outbound }) => outbound?.isIdle ?? true);
  }

  known(node: NodeId): Peer | undefined {
    return this.#peers.get(node);
  }

  /** Made where there is none, while there is room. */
  of(node: NodeId): Peer | undefined {
    const known = this.#peers.get(node);
    if (known) return known;
    if (this.#peers.size >= limits.clusterNodesMax) this.#forgetStranger();
    if (this.#peers.size >= limits.clusterNodesMax) return undefined;
    const peer = new Peer(node, this.#world.clock.now());
    this.#peers.set(node, peer);
    const row = rowOf(this.#world.directory.table, node);
    if (row) this.#fit(peer, row);
    return peer;
  }

  /** A row has come, or is another: the ways to its node, and what is thought of it, follow. */
  followRow(row: Row, former: Row | undefined): void {
    const peer = this.#peers.get(row.node);
    if (!peer) return;
    this.#fit(peer, row);
    if (row.status === 'left') {
      this.#step(peer, 'row.left', 'it has left');
    } else if (row.status === 'gone') {
      this.#step(peer, 'row.gone', 'another node declares it gone');
    } else if (former) {
      this.#step(peer, 'row.renewed', 'its row is a later one');
    }
  }

  expire(node: NodeId): void {
    const peer = this.#peers.get(node);
    if (!peer) return;
    peer.row = undefined;
    this.#step(peer, 'row.expired', 'its tombstone has expired');
  }

  heard(peer: Peer, how: string): void {
    peer.heardAt = this.#world.clock.now();
    if (peer.status !== 'alive') this.#step(peer, 'peer.heard', how);
  }

  probeFailed(peer: Peer): void {
    this.#step(peer, 'probe.failed', 'it answered nobody');
  }

  /** This node's own silence is nobody's fault. */
  excuseAll(): void {
    for (const peer of this.suspects) this.#step(peer, 'self.lagged', peer.reason);
    for (const { outbound } of this.#peers.values()) outbound?.excuse();
  }

  /** At the end of this turn, with all that is sent in it. */
  flushLater(peer: Peer): void {
    if (this.#due.size === 0) this.#world.clock.defer(() => this.flush());
    this.#due.add(peer);
  }

  flush(): void {
    const due = this.#due;
    this.#due = new Set();
    for (const peer of due) {
      if (peer.session === nobody) this.#world.greet(peer);
      peer.outbound?.flush();
    }
    this.#world.transport().flush();
  }

  close(failure: Error): void {
    for (const { outbound, actor } of this.#peers.values()) {
      outbound?.reset(failure);
      actor?.send({ type: 'row.expired' });
    }
  }

  memberOf(row: Row): Member {
    const peer = this.#peers.get(row.node);
    const unmet = { present: 'joining', gone: 'dead', left: 'left' } as const;
    return {
      node: row.node,
      incarnation: row.incarnation,
      status: peer?.status ?? unmet[row.status],
      reason: peer?.reason ?? 'its row is known',
      since: peer?.since ?? 0,
    };
  }

  observed(): ObservedAdapter[] {
    return [...this.#peers.values()].flatMap((peer) =>
      peer.paths.map((path) => observedOf(peer, path)),
    );
  }

  *#stepped(): Iterable<SteppedMember> {
    for (const peer of this.#peers.values()) {
      if (peer.actor) yield { name: nameOf(peer), actor: peer.actor };
      yield* pathActorsOf(peer);
    }
  }

  #fit(peer: Peer, row: Row): void {
    const now = this.#world.clock.now();
    peer.row = row;
    peer.paths = row.adapters.map((adapter, place) => {
      const known = peer.pathAt(adapter.address, adapter.port);
      if (!known) return new PeerPath(adapter, place, now);
      known.adapter = adapter;
      known.place = place;
      return known;
    });
  }

  /** Who has no row may be anybody's invention. */
  #forgetStranger(): void {
    for (const { node } of this.#peers.values()) {
      if (rowOf(this.#world.directory.table, node)) continue;
      this.#peers.delete(node);
      return;
    }
  }

  #effects(): MembershipEffects {
    const report = (status: MemberStatus) => (told: Told) => this.#report(told, status);
    return {
      investigate: ({ self }) => void this.suspects.add(this.#peerOf(self)),
      ceaseInvestigation: ({ self }) => void this.suspects.delete(this.#peerOf(self)),
      declareGone: ({ self }) => this.#declareGone(this.#peerOf(self)),
      reportAlive: report('alive'),
      reportSuspect: report('suspect'),
      reportDead: report('dead'),
      reportLeft: report('left'),
      forget: ({ self }) => {
        const peer = this.#peerOf(self);
        this.suspects.delete(peer);
        this.#peers.delete(peer.node);
      },
    };
  }

  #declareGone(peer: Peer): void {
    const row = rowOf(this.#world.directory.table, peer.node);
    if (row?.status === 'present') {
      this.#world.directory.put({ row: { ...row, status: 'gone' }, ageMs: 0 });
    }
  }

  #report({ self }: Told, status: MemberStatus): void {
    const peer = this.#peerOf(self);
    peer.status = status;
    peer.reason = status === 'dead' ? 'it was silent too long' : this.#reason;
    peer.since = this.#world.clock.now();
    if (status === 'dead' || status === 'left') peer.outbound?.reset(lostError(peer.node));
    const row = rowOf(this.#world.directory.table, peer.node);
    const { node, reason, since } = peer;
    const incarnation = row?.incarnation ?? peer.incarnation;
    this.#world.tell({ type: 'member.changed', node, incarnation, status, reason, since });
  }

  #peerOf(actor: object): Peer {
    const peer = this.#byActor.get(actor);
    if (!peer) throw new Error('A membership belongs to a peer.');
    return peer;
  }

  #step(peer: Peer, type: MembershipEvent['type'], why: string): void {
    this.#reason = why;
    peer.actor ??= this.#newActor(peer);
    peer.actor.send({ type });
  }

  #newActor(peer: Peer): NonNullable<Peer['actor']> {
    const { table } = this.#world.directory;
    const actor = new SteppedActor({
      logic: this.#logic,
      input: { suspicionMs: limits.suspicionMs },
      delays: { suspicionLimit: limits.suspicionMs * Math.max(1, Math.log10(table.size)) },
      onDone: () => undefined,
      clock: this.#world.clock,
      onStep: seenAs(this.#world.sight, () => nameOf(peer)),
    });
    this.#byActor.set(actor, peer);
    actor.start();
    return actor;
  }
}

const nameOf = ({ node }: Peer): string => `member ${node}`;

export const lostError = (node: NodeId): InterplexError =>
  new InterplexError(
    'IPX_NODE_LOST',
    `Node "${node}" has left or is declared gone: what was on its way to it may be lost.`,
  );
