/**
 * The parts of a messenger, and who of them tells whom: datagrams beside the machines. It opens
 * what the machine says, and beats: at each heartbeat a few others are probed and gossiped with.
 */
import type { NodeId, Refusal } from '../../actors/vocabulary.ts';
import { InterplexError } from '../errors.ts';
import { limits } from '../limits.ts';
import { Acquaintances } from './acquaintances.ts';
import { rowOf, rowsOf } from './address-table.ts';
import { WatchedClock } from './clock.ts';
import { newCounters } from './counters.ts';
import { Directory } from './directory.ts';
import type { MessagingEvent } from './events.ts';
import { Exchange } from './exchange.ts';
import { Gossip } from './gossip.ts';
import { Heartbeat } from './heartbeat.ts';
import type { MessengerWorld } from './messenger-world.ts';
import { Namesakes } from './namesakes.ts';
import { OwnAdapters, type OwnAdapter } from './own-adapters.ts';
import { Post } from './post.ts';
import { lostError, Peers } from './peers.ts';
import { Probing } from './probing.ts';
import { Reception } from './reception.ts';
import { Routes, routesFrom, type TableRoute } from './routes.ts';
import type { Row } from './row.ts';
import { AeadSealer, PlainSealer, type Sealer } from './seal.ts';
import { Seeds } from './seeds.ts';
import type { MessengerSettings } from './settings.ts';
import { Successions } from './successions.ts';
import { Transport, type Arrival } from './transport.ts';
import { Ways } from './ways.ts';

export interface EngineListener {
  readonly tell: (event: MessagingEvent) => void;
  /** Of each opening and failure of an adapter. */
  readonly onAdapter: (address: string, refusal?: Refusal) => void;
  readonly onDrained: () => void;
  /** Another node lives by its name: it has to close. */
  readonly onTaken: (refusal: Refusal) => void;
}

export class Engine {
  readonly counters = newCounters();
  readonly sealer: Sealer;
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
  readonly #transport: Transport;
  readonly #gossip: Gossip;
  readonly #probing: Probing;
  readonly #others: Acquaintances;
  readonly #reception: Reception;
  readonly #seeds: Seeds;
  readonly #namesakes: Namesakes;
  readonly #successions: Successions;
  readonly #heartbeat: Heartbeat;
  #isTaking = false;
  #isDraining = false;

  constructor(settings: MessengerSettings, world: MessengerWorld, listener: EngineListener) {
    this.#listener = listener;
    const random = (end: number) => Math.floor(world.random() * end);
    this.#clock = new WatchedClock(world.clock, limits.lagMs, (lateMs) => this.#excuse(lateMs));
    const session = world.randomBytes(8);
    const key = settings.key ?? world.randomBytes(32);
    this.sealer = settings.isAuthentic ? new AeadSealer(key, session) : new PlainSealer(session);
    this.routes = new Routes(world.routeInstaller);
    this.directory = this.#newDirectory(settings);
    this.#own = this.#newAdapters(settings, world);
    this.ways = this.#newWays(world);
    this.peers = this.#newPeers(world);
    this.#others = new Acquaintances(this.directory, this.peers, random);
    const sessionName = Buffer.from(session).toString('latin1');
    this.#transport = this.#newTransport(sessionName);
    this.#namesakes = this.#newNamesakes(sessionName);
    this.#gossip = new Gossip({ ...this.#parts(), random });
    this.#probing = new Probing(this.#parts());
    const talk = { ...this.#parts(), gossip: this.#gossip, probing: this.#probing };
    this.#successions = new Successions(talk);
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
      ...talk,
      exchange: this.exchange,
      isTaking: () => this.#isTaking,
      onAcknowledged: () => this.#isDraining && this.#tellIfDrained(),
    });
    const { tell } = listener;
    this.#seeds = new Seeds(settings.seeds, { ...talk, own: this.#own, tell });
    const acquaintances = this.#others;
    this.#heartbeat = new Heartbeat(settings.heartbeatMs, { ...talk, acquaintances });
    for (const row of settings.rows) this.directory.put({ row, ageMs: 0 });
  }

  openAdapters(): void {
    this.#isTaking = true;
    this.#own.open();
  }

  join(): void {
    this.#seeds.begin();
    this.#heartbeat.begin();
  }

  /** Its row says that it has left; what was sent is waited for. */
  sayGoodbye(): void {
    this.#isDraining = true;
    this.#seeds.close();
    this.directory.writeOwn(this.#own.rows, 'left');
    for (const peer of this.#others.some(limits.goodbyePeers))
      this.#gossip.tell(peer, this.directory.own);
    this.#clock.defer(() => this.#tellIfDrained());
  }

  close(): void {
    this.#isTaking = false;
    const failure = new InterplexError(
      'IPX_MESSENGER_CLOSED',
      `The messenger of "${this.directory.self}" has closed: what it sent may not have arrived.`,
    );
    this.#transport.flush();
    this.#heartbeat.end();
    this.#seeds.close();
    this.#probing.excuseAll();
    this.peers.close(failure);
    this.exchange.abandon(undefined, failure);
    this.#own.close();
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
      onNamesake: ({ adapters }) => this.#namesakes.ask(adapters),
    });
  }

  #newAdapters({ adapters }: MessengerSettings, world: MessengerWorld): OwnAdapters {
    return new OwnAdapters(adapters, {
      ...world,
      clock: this.#clock,
      logicWith: world.logics.adapter,
      onDatagram: (own, bytes, address, port) => this.#transport.receive(own, bytes, address, port),
      onUnsent: (_, error, address, port) => {
        this.counters.unsent += 1;
        for (const peer of this.peers.all) this.ways.unsent(peer, error, address, port);
      },
      onChange: (own, refusal) => this.#onAdapter(own, refusal),
    });
  }

  #newWays({ logics, sight }: MessengerWorld): Ways {
    return new Ways({
      clock: this.#clock,
      logic: logics.path,
      sight,
      counters: this.counters,
      own: this.#own,
      transport: () => this.#transport,
      tell: this.#listener.tell,
    });
  }

  #newPeers({ logics, sight }: MessengerWorld): Peers {
    return new Peers({
      clock: this.#clock,
      logic: logics.membership,
      sight,
      directory: this.directory,
      transport: () => this.#transport,
      tell: this.#listener.tell,
      greet: (peer) => this.#probing.probe(peer),
    });
  }

  #newTransport(session: string): Transport {
    return new Transport({
      clock: this.#clock,
      sealer: this.sealer,
      session,
      counters: this.counters,
      self: () => this.directory.own,
      peerOf: ({ node }) => this.peers.of(node),
      onNewLife: (arrival) => this.#onNewLife(arrival),
      onContested: (...claim) => this.#successions.claim(...claim),
      onNamesake: (arrival, reader) => this.#namesakes.hear(arrival, reader),
      onStale: (arrival, of) => this.#gossip.tellRow(arrival, of),
      onFrames: (arrival, reader) => this.#reception.take(arrival, reader),
    });
  }

  #newNamesakes(session: string): Namesakes {
    return new Namesakes({
      clock: this.#clock,
      node: this.directory.self,
      session,
      own: this.#own,
      transport: () => this.#transport,
      onTaken: (refusal) => this.#isTaking && this.#listener.onTaken(refusal),
    });
  }

  /** Lifeguard: who stood still has missed the answers, and not the others the questions. */
  #excuse(lateMs: number): void {
    this.#listener.tell({ type: 'self.lagged', lateMs });
    this.#namesakes.lagged(lateMs);
    this.#probing.excuseAll();
    this.peers.excuseAll();
  }

  #onAdapter(own: OwnAdapter, refusal?: Refusal): void {
    const { address, port } = own.row;
    if (refusal) this.#listener.tell({ type: 'adapter.failed', address, refusal });
    else this.#listener.tell({ type: 'adapter.opened', address, port, isMarked: own.isMarked });
    if (!this.#isDraining) this.directory.writeOwn(this.#own.rows);
    this.#listener.onAdapter(address, refusal);
  }

  #onRow(row: Row, former: Row | undefined): void {
    this.peers.followRow(row, former);
    this.#gossip.spread(row);
    this.routes.followLater(this.#clock, () => this.#wantedRoutes());
    // Whoever is accused hears of it first, and may refute it.
    const accused = row.status === 'gone' ? this.peers.known(row.node) : undefined;
    if (accused) this.#gossip.tell(accused, row);
  }

  #wantedRoutes(): readonly TableRoute[] {
    return this.#isTaking ? routesFrom(this.#own.rows, rowsOf(this.directory.table)) : [];
  }

  #onNewLife(arrival: Arrival): void {
    const { peer } = arrival;
    peer.tableHash = undefined;
    // Of another life, which may not have ended: it shall look.
    const known = rowOf(this.directory.table, peer.node);
    if (known && known.incarnation < peer.incarnation) this.#gossip.tellRow(arrival, peer.session);
    if (peer.isReborn) {
      const failure = lostError(peer.node);
      peer.outbound?.reset(failure);
      this.exchange.abandon(peer, failure);
    }
    this.peers.flushLater(peer);
  }

  #tellIfDrained(): void {
    if (this.peers.areIdle) this.#listener.onDrained();
  }
}
