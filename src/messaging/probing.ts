/**
 * Who answers (CM-6): pings over every way to a peer, and where none is answered, others are asked
 * to look (SWIM's indirect probes), each over its own ways. A node that stood still takes none of
 * its open questions for unanswered (Lifeguard).
 */
import type { NodeId } from '../../actors/vocabulary.ts';
import { limits } from '../limits.ts';
import type { Clock } from './clock.ts';
import { frames, writeNamed, writeNumbered } from './frames.ts';
import type { Peer } from './peer.ts';
import type { PeerPath } from './peer-path.ts';
import type { Peers } from './peers.ts';
import type { Arrival, Transport } from './transport.ts';
import type { Ways } from './ways.ts';

interface Ping {
  readonly peer: Peer;
  readonly path: PeerPath;
  readonly sentAt: number;
}

export interface ProbingWorld {
  readonly clock: Clock;
  readonly peers: Peers;
  readonly ways: Ways;
  readonly transport: Transport;
  /** So many members, at random, that may be asked for another. */
  readonly others: (count: number, besides: NodeId) => Peer[];
}

/** Bytes of a frame with a number or a name. */
const smallFrame = 80;

export class Probing {
  readonly #world: ProbingWorld;
  readonly #pings = new Map<number, Ping>();
  /** Who is to be told once a node answers. */
  readonly #seekers = new Map<NodeId, Set<Peer>>();
  /** Peers that are being probed, with the timer of what comes next. */
  readonly #underway = new Map<Peer, unknown>();
  #lastNumber = 0;

  constructor(world: ProbingWorld) {
    this.#world = world;
  }

  /** Begins, unless it is under way: all ways at once, then others, then the verdict. */
  probe(peer: Peer): void {
    if (this.#underway.has(peer)) return;
    const { clock } = this.#world;
    const begunAt = clock.now();
    const numbers = this.#pingAll(peer);
    if (numbers.length === 0) return;
    const waitMs = Math.max(...peer.paths.map(({ roundTrip }) => roundTrip.patienceMs));
    const late = () => this.#askOthers(peer, begunAt, numbers);
    this.#underway.set(peer, clock.setTimeout(late, waitMs));
  }

  /** Once, over all ways: whether it is heard is seen by `heardAt`. */
  ask(peer: Peer): void {
    this.#pingAll(peer);
  }

  onPong(number: number, { peer }: Arrival): void {
    const ping = this.#pings.get(number);
    if (ping?.peer !== peer) return;
    this.#pings.delete(number);
    ping.path.roundTrip.measure(this.#world.clock.now() - ping.sentAt);
    this.#world.ways.answered(peer, ping.path);
    this.#found(peer.node);
  }

  /** Another node cannot reach it: look, over the ways from here. */
  onSeek(node: NodeId, seeker: Peer): void {
    const sought = this.#world.peers.known(node);
    if (!sought) return;
    const seekers = this.#seekers.get(node) ?? new Set();
    this.#seekers.set(node, seekers.add(seeker));
    this.#pingAll(sought);
  }

  onFound(node: NodeId): void {
    const peer = this.#world.peers.known(node);
    if (peer && peer.status !== 'left') this.#world.peers.heard(peer, 'another node reaches it');
  }

  /** This node stood still: whatever came meanwhile is still to be read. */
  excuseAll(): void {
    for (const timer of this.#underway.values()) this.#world.clock.clearTimeout(timer);
    this.#underway.clear();
    this.#pings.clear();
  }

  #pingAll(peer: Peer): number[] {
    const { clock, transport, ways } = this.#world;
    const numbers: number[] = [];
    this.#forgetOld();
    for (const { path, own } of ways.all(peer)) {
      this.#lastNumber += 1;
      const number = this.#lastNumber;
      numbers.push(number);
      this.#pings.set(number, { peer, path, sentAt: clock.now() });
      const to = transport.destination(own, path.adapter, peer.session);
      transport.put(to, smallFrame, (writer) => writeNumbered(writer, frames.ping, number));
    }
    return numbers;
  }

  /** Who asked for another node did not wait for it here. */
  #forgetOld(): void {
    const before = this.#world.clock.now() - limits.patienceMs.most;
    for (const [number, { sentAt }] of this.#pings) {
      if (sentAt > before) return;
      this.#pings.delete(number);
    }
  }

  #askOthers(peer: Peer, begunAt: number, numbers: readonly number[]): void {
    const { clock, peers, ways, others } = this.#world;
    for (const number of numbers) {
      const ping = this.#pings.get(number);
      this.#pings.delete(number);
      if (ping) ways.missed(peer, ping.path);
    }
    if (peer.heardAt > begunAt) {
      this.#end(peer);
      return;
    }
    for (const other of others(limits.gossipFanout, peer.node)) {
      this.#sendName(other, frames.seek, peer.node);
    }
    const verdict = () => {
      this.#end(peer);
      if (peer.heardAt < begunAt) peers.probeFailed(peer);
    };
    // Once for the others' way to it, and once for theirs back.
    this.#underway.set(peer, clock.setTimeout(verdict, limits.heartbeatMs));
  }

  #end(peer: Peer): void {
    this.#underway.delete(peer);
    // What waits for its first word asks for it again.
    if (peer.outbound?.isIdle === false) this.#world.peers.flushLater(peer);
  }

  #found(node: NodeId): void {
    const seekers = this.#seekers.get(node);
    if (!seekers) return;
    this.#seekers.delete(node);
    for (const seeker of seekers) this.#sendName(seeker, frames.found, node);
  }

  #sendName(to: Peer, type: number, node: NodeId): void {
    const { ways, transport } = this.#world;
    const way = ways.to(to);
    if (!way) return;
    const there = transport.destination(way.own, way.path.adapter, to.session);
    transport.put(there, smallFrame, (writer) => writeNamed(writer, type, node));
  }
}
