/**
 * The parts of a messenger, and who of them tells whom: datagrams beside the machines. It opens
 * what the machine says, and beats: at each heartbeat a few others are probed and gossiped with.
 */
import type { NodeId, Refusal } from '../../actors/vocabulary.ts';
import { InterplexError } from '../errors.ts';
import { limits } from '../limits.ts';
import { Acquaintances } from './acquaintances.ts';
import { rowsOf } from './address-table.ts';
import { WatchedClock } from './clock.ts';
import { newCounters } from './counters.ts';
import { Directory } from './directory.ts';
import type { MessagingEvent } from './events.ts';
import { Exchange } from './exchange.ts';
import { Gossip } from './gossip.ts';
import type { MessengerWorld } from './messenger.ts';
import { OwnAdapters, type OwnAdapter } from './own-adapters.ts';
import type { Peer } from './peer.ts';
import { Post } from './post.ts';
import { lostError, Peers } from './peers.ts';
import { Probing } from './probing.ts';
import { Reception } from './reception.ts';
import { Routes, routesFrom } from './routes.ts';
import type { Row } from './row.ts';
import { AeadSealer, PlainSealer, type Sealer } from './seal.ts';
import { Seeds } from './seeds.ts';
import type { MessengerSettings } from './settings.ts';
import { Transport } from './transport.ts';
import { Ways } from './ways.ts';

export interface EngineListener {
  readonly tell: (event: MessagingEvent) => void;
  /** Of each opening and failure of an adapter. */
  readonly onAdapter: (address: string, refusal?: Refusal) => void;
  readonly onDrained: () => void;
}

export class Engine {
  readonly counters = newCounters();
  readonly directory: Directory;
  readonly peers: Peers;
  readonly ways: Ways;
  readonly routes: Routes;
  readonly exchange: Exchange;
  readonly post: Post;
  readonly setService: OwnAdapters['setService'] = (...told) => this.#own.setService(...told);
  readonly #listener: EngineListener;
  readonly #clock: WatchedClock;
  readonly #own: OwnAdapters;
  readonly #sealer: Sealer;
  readonly #transport: Transport;
  readonly #gossip: Gossip;
  readonly #probing: Probing;
  readonly #others: Acquaintances;
  readonly #reception: Reception;
  readonly #seeds: Seeds;
  readonly #random: (end: number) => number;
  #beat: unknown;
  #beats = 0;
  #isTaking = false;
  #isDraining = false;
  #isRoutingDue = false;

  constructor(settings: MessengerSettings, world: MessengerWorld, listener: EngineListener) {
    this.#listener = listener;
    this.#random = (end) => Math.floor(world.random() * end);
    this.#clock = new WatchedClock(world.clock, limits.lagMs, (lateMs) => this.#excuse(lateMs));
    const session = world.randomBytes(8);
    const key = settings.key ?? world.randomBytes(32);
    this.#sealer = settings.isAuthentic ? new AeadSealer(key, session) : new PlainSealer(session);
    this.routes = new Routes(world.routeInstaller);
    this.directory = this.#newDirectory(settings);
    this.#own = this.#newAdapters(settings, world);
    this.ways = this.#newWays(world.logics.path);
    this.peers = this.#newPeers(world.logics.membership);
    this.#others = new Acquaintances(this.directory, this.peers, this.#random);
    this.#transport = this.#newTransport(session);
    this.#gossip = new Gossip({ ...this.#parts(), random: this.#random });
    this.#probing = new Probing(this.#parts());
    this.exchange = new Exchange({
      clock: this.#clock,
      counters: this.counters,
      add: (peer, write, timeoutMs) => this.post.add(peer, write, timeoutMs),
    });
    this.post = new Post({
      ...this.#parts(),
      greet: (peer) => this.#probing.probe(peer),
      take: (record, from) => this.exchange.take(record, from),
    });
    this.#reception = new Reception({
      ...this.#parts(),
      gossip: this.#gossip,
      probing: this.#probing,
      exchange: this.exchange,
      isTaking: () => this.#isTaking,
      onAcknowledged: () => this.#isDraining && this.#tellIfDrained(),
    });
    this.#seeds = new Seeds(settings.seeds, {
      ...this.#parts(),
      own: this.#own,
      gossip: this.#gossip,
      tell: listener.tell,
    });
    for (const row of settings.rows) this.directory.put({ row, ageMs: 0 });
  }

  openAdapters(): void {
    this.#isTaking = true;
    this.#own.open();
  }

  join(): void {
    this.#seeds.begin();
    this.#beatOn();
  }

  /** Its row says that it has left; what was sent is waited for. */
  sayGoodbye(): void {
    this.#isDraining = true;
    this.#seeds.close();
    this.directory.writeOwn(this.#own.rows, 'left');
    for (const peer of this.#others.some(goodbyes)) this.#gossip.tell(peer, this.directory.own);
    this.#clock.defer(() => this.#tellIfDrained());
  }

  close(): void {
    this.#isTaking = false;
    const failure = new InterplexError(
      'IPX_MESSENGER_CLOSED',
      `The messenger of "${this.directory.self}" has closed: what it sent may not have arrived.`,
    );
    this.#transport.flush();
    this.#clock.clearTimeout(this.#beat);
    this.#seeds.close();
    this.#probing.excuseAll();
    this.peers.close(failure);
    this.exchange.abandon(undefined, failure);
    this.#own.close();
  }

  rotateKey(next: Uint8Array): void {
    this.#sealer.rotate(next);
    this.#listener.tell({ type: 'key.rotated' });
  }

  setDataPort(port: number, address?: string): void {
    this.#own.setDataPort(port, address);
    this.directory.writeOwn(this.#own.rows);
  }

  /** What most parts need of the others. */
  #parts() {
    return {
      clock: this.#clock,
      counters: this.counters,
      directory: this.directory,
      peers: this.peers,
      ways: this.ways,
      transport: this.#transport,
      others: (count: number, besides?: NodeId) => this.#others.some(count, besides),
    };
  }

  #newDirectory({ node, incarnation }: MessengerSettings): Directory {
    return new Directory(node, incarnation, {
      now: () => this.#clock.now(),
      tell: this.#listener.tell,
      onRow: (row, former) => this.#onRow(row, former),
      onExpired: (expired) => this.peers.expire(expired),
    });
  }

  #newAdapters({ adapters }: MessengerSettings, world: MessengerWorld): OwnAdapters {
    return new OwnAdapters(adapters, {
      clock: this.#clock,
      openSocket: world.openSocket,
      logicWith: world.logics.adapter,
      onDatagram: (own, bytes, address, port) => this.#transport.receive(own, bytes, address, port),
      onUnsent: (_, error, address, port) => this.#onUnsent(error, address, port),
      onChange: (own, refusal) => this.#onAdapter(own, refusal),
    });
  }

  #newWays(logic: MessengerWorld['logics']['path']): Ways {
    return new Ways({
      clock: this.#clock,
      logic,
      counters: this.counters,
      own: this.#own,
      transport: () => this.#transport,
      tell: this.#listener.tell,
    });
  }

  #newPeers(logic: MessengerWorld['logics']['membership']): Peers {
    return new Peers({
      clock: this.#clock,
      logic,
      directory: this.directory,
      transport: () => this.#transport,
      tell: this.#listener.tell,
      greet: (peer) => this.#probing.probe(peer),
    });
  }

  #newTransport(session: Uint8Array): Transport {
    return new Transport({
      clock: this.#clock,
      sealer: this.#sealer,
      session: Buffer.from(session).toString('latin1'),
      counters: this.counters,
      self: () => this.directory.own,
      peerOf: ({ node }) => this.peers.of(node),
      onNewLife: (peer) => this.#onNewLife(peer),
      onStale: ({ peer, own, address, port }, of) =>
        this.#gossip.tellRow(peer.node, this.#transport.destination(own, { address, port }, of)),
      onFrames: (arrival, reader) => this.#reception.take(arrival, reader),
    });
  }

  #beatOn(): void {
    this.#beat = this.#clock.setTimeout(() => {
      this.#beatOn();
      this.#beats += 1;
      this.directory.expire();
      for (const peer of this.#others.next(limits.gossipFanout)) {
        this.#gossip.greet(peer);
        this.#probing.probe(peer);
      }
      for (const peer of this.peers.suspects) this.#probing.probe(peer);
      const gone = this.#beats % goneBeats === 0 ? this.#others.oneGone() : undefined;
      if (gone) this.#gossip.greet(gone);
    }, limits.heartbeatMs);
  }

  /** Lifeguard: who stood still has missed the answers, and not the others the questions. */
  #excuse(lateMs: number): void {
    this.#listener.tell({ type: 'self.lagged', lateMs });
    this.#probing.excuseAll();
    this.peers.excuseAll();
  }

  #onAdapter(own: OwnAdapter, refusal?: Refusal): void {
    const { address, port } = own.row;
    if (refusal) this.#listener.tell({ type: 'adapter.failed', address, refusal });
    else this.#listener.tell({ type: 'adapter.opened', address, port });
    if (!this.#isDraining) this.directory.writeOwn(this.#own.rows);
    this.#listener.onAdapter(address, refusal);
  }

  #onRow(row: Row, former: Row | undefined): void {
    this.peers.followRow(row, former);
    if (!this.#isRoutingDue) this.#clock.defer(() => this.#followRoutes());
    this.#isRoutingDue = true;
    this.#gossip.spread(row);
    // Whoever is accused hears of it first, and may refute it.
    const accused = row.status === 'gone' ? this.peers.known(row.node) : undefined;
    if (accused) this.#gossip.tell(accused, row);
  }

  /** Once a turn, however many rows it brought. */
  #followRoutes(): void {
    this.#isRoutingDue = false;
    if (!this.#isTaking) return;
    this.routes.follow(routesFrom(this.#own.rows, rowsOf(this.directory.table)));
  }

  #onNewLife(peer: Peer): void {
    peer.tableHash = undefined;
    const { outbound } = peer;
    if (peer.isReborn) {
      const failure = lostError(peer.node);
      outbound?.reset(failure);
      this.exchange.abandon(peer, failure);
    }
    this.peers.flushLater(peer);
  }

  /** The kernel refused a datagram: it is too large, or there is no way. */
  #onUnsent(error: NodeJS.ErrnoException, address: string, port: number): void {
    this.counters.unsent += 1;
    for (const peer of this.peers.all) {
      const path = peer.pathAt(address, port);
      const own = path && this.#own.towards(address, path.place);
      if (!path) continue;
      if (error.code === 'EMSGSIZE') path.narrow(own?.row.mtu ?? Infinity);
      else this.ways.refused(peer, path, error.code ?? error.message);
    }
  }

  #tellIfDrained(): void {
    for (const { outbound } of this.peers.all) if (outbound && !outbound.isIdle) return;
    this.#listener.onDrained();
  }
}

/** A goodbye is told to so many directly; they pass it on. */
const goodbyes = 8;
/** Heartbeats from one look for a node that is gone to the next. */
const goneBeats = 2;
