/**
 * The parts of a messenger, and who of them tells whom: datagrams beside the machines. It opens what
 * the machine says, and beats: at each heartbeat a few others are probed and gossiped with.
 */
import type { Refusal } from '../../actors/vocabulary.ts';
import { InterplexError } from '../errors.ts';
import { limits } from '../limits.ts';
import { Acquaintances } from './acquaintances.ts';
import { rowsOf } from './address-table.ts';
import { WatchedClock } from './clock.ts';
import { newCounters } from './counters.ts';
import { Directory } from './directory.ts';
import type { MessagingEvent } from './events.ts';
import { Exchange } from './exchange.ts';
import { nobody } from './frames.ts';
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
import type { MessengerSettings, Seed } from './settings.ts';
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
  readonly #listener: EngineListener;
  readonly #clock: WatchedClock;
  readonly #own: OwnAdapters;
  readonly #sealer: Sealer;
  readonly #transport: Transport;
  readonly #gossip: Gossip;
  readonly #probing: Probing;
  readonly #others: Acquaintances;
  readonly #seeds: Seeds;
  readonly #random: (end: number) => number;
  #beat: unknown;
  #beats = 0;
  #isTaking = false;
  #isDraining = false;

  constructor(settings: MessengerSettings, world: MessengerWorld, listener: EngineListener) {
    this.#listener = listener;
    this.#random = (end) => Math.floor(world.random() * end);
    const clock = new WatchedClock(world.clock, limits.lagMs, (lateMs) => this.#excuse(lateMs));
    this.#clock = clock;
    const session = world.randomBytes(8);
    const key = settings.key ?? world.randomBytes(32);
    this.#sealer = settings.isAuthentic ? new AeadSealer(key, session) : new PlainSealer(session);
    const { tell } = listener;
    this.routes = new Routes(world.routeInstaller);
    this.directory = new Directory(settings.node, settings.incarnation, {
      now: () => clock.now(),
      tell,
      onRow: (row, former) => this.#onRow(row, former),
      onExpired: (node) => this.peers.expire(node),
    });
    this.#own = new OwnAdapters(settings.adapters, {
      clock,
      openSocket: world.openSocket,
      logicWith: world.logics.adapter,
      onDatagram: (own, bytes, address, port) => this.#transport.receive(own, bytes, address, port),
      onUnsent: (_, error, address, port) => this.#onUnsent(error, address, port),
      onChange: (own, refusal) => this.#onAdapter(own, refusal),
    });
    const { counters, directory } = this;
    const own = this.#own;
    this.ways = new Ways({
      clock,
      logic: world.logics.path,
      counters,
      own,
      transport: () => this.#transport,
      tell,
    });
    const { ways } = this;
    this.peers = new Peers({
      clock,
      logic: world.logics.membership,
      directory,
      transport: () => this.#transport,
      tell,
      greet: (peer) => this.#probing.probe(peer),
    });
    const { peers } = this;
    this.#others = new Acquaintances(directory, peers, this.#random);
    this.#transport = new Transport({
      clock,
      sealer: this.#sealer,
      session: Buffer.from(session).toString('latin1'),
      counters,
      self: () => directory.own,
      peerOf: ({ node }) => peers.of(node),
      onNewLife: (peer) => this.#onNewLife(peer),
      onStale: ({ peer, own: at, address, port }, of) =>
        this.#gossip.tellRow(peer.node, this.#transport.destination(at, { address, port }, of)),
      onFrames: (arrival, reader) => reception.take(arrival, reader),
    });
    const transport = this.#transport;
    const others = (count: number, besides?: Peer['node']) => this.#others.some(count, besides);
    const random = this.#random;
    this.#gossip = new Gossip({ clock, directory, ways, transport, random, others });
    this.#probing = new Probing({ clock, peers, ways, transport, others });
    this.exchange = new Exchange({
      clock,
      counters,
      add: (peer, write, timeoutMs) => this.post.add(peer, write, timeoutMs),
    });
    const reception = new Reception({
      clock,
      counters,
      peers,
      ways,
      gossip: this.#gossip,
      probing: this.#probing,
      exchange: this.exchange,
      transport,
      isTaking: () => this.#isTaking,
      onAcknowledged: () => this.#isDraining && this.#tellIfDrained(),
    });
    this.post = new Post({
      clock,
      counters,
      directory,
      peers,
      ways,
      transport,
      greet: (peer) => this.#probing.probe(peer),
      take: (record, from) => this.exchange.take(record, from),
    });
    this.#seeds = new Seeds(settings.seeds, {
      clock,
      tell,
      isMember: (seed) => this.#isMember(seed),
      introduce: (seed) => this.#introduce(seed),
    });
    for (const row of settings.rows) directory.put({ row, ageMs: 0 });
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
    for (const peer of this.#others.some(goodbyes)) this.#gossip.sayGoodbye(peer);
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
    this.routes.follow(routesFrom(this.#own.rows, rowsOf(this.directory.table)));
    this.#gossip.spread(row);
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

  #isMember(seed: Seed): boolean {
    const own = this.#own.rows.some((row) => isAt(row, seed));
    return (
      own ||
      rowsOf(this.directory.table).some(
        ({ node, status, adapters }) =>
          status === 'present' &&
          this.peers.known(node)?.status === 'alive' &&
          adapters.some((row) => isAt(row, seed)),
      )
    );
  }

  #introduce(seed: Seed): void {
    const own = this.#own.towards(seed.address, 0);
    if (own) this.#gossip.introduce(this.#transport.destination(own, seed, nobody));
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

const isAt = (row: { address: string; port: number }, seed: Seed) =>
  row.address === seed.address && row.port === seed.port;
