/**
 * The world's half of a node's stack: its clients, the control channels of its applications, the
 * transfers out and in, and the routing table. Its machine says when; this says how.
 */
import type { Socket } from 'node:net';
import type { Logger } from 'pino';
import type { ApplicationMessage } from '../../actors/protocol.ts';
import type { incomingTransferMachine } from '../../actors/transfer/incoming-transfer.ts';
import type { outgoingTransferMachine } from '../../actors/transfer/outgoing-transfer.ts';
import type {
  ApplicationName,
  ConnectionDescription,
  Epoch,
  NodeId,
  Target,
  VipaName,
} from '../../actors/vocabulary.ts';
import { limits } from '../limits.ts';
import type { Links } from '../runtime/links.ts';
import type { Sight } from '../runtime/sight.ts';
import type { Carriers } from './carriers.ts';
import { Clients } from './clients.ts';
import { controlChannel, type ApplicationEnd, type StackEnd } from './control-channel.ts';
import { IncomingTransfers } from './incoming-transfers.ts';
import { Listings } from './listings.ts';
import type { OutgoingEffects } from './outgoing-effects.ts';
import { OutgoingTransfers } from './outgoing-transfers.ts';
import type { RouteReports } from './route-reports.ts';
import type { Vipa } from './vipa.ts';
import { sharingWords } from './words.ts';

/** The logics of the transfer machines, made from their effects. */
export interface TransferLogics {
  readonly outgoing: (effects: OutgoingEffects) => typeof outgoingTransferMachine;
  readonly incoming: (effects: IncomingTransfers['effects']) => typeof incomingTransferMachine;
}

export interface StackOptions {
  readonly node: NodeId;
  /** By VIPA or range. */
  readonly hopsMax: ReadonlyMap<VipaName, number>;
  readonly carriers: Carriers;
  readonly routes: RouteReports;
  readonly links: Links;
  readonly log: Logger;
  readonly logics: TransferLogics;
  readonly sight: Sight;
}

/** An application's open channel, as the stack sees it. */
interface OpenChannel {
  readonly end: StackEnd;
  readonly application: ApplicationName;
  readonly allowHalfOpen: boolean;
}

export class Stack {
  readonly clients: Clients;
  readonly listings: Listings;
  readonly #options: StackOptions;
  readonly #outgoing: OutgoingTransfers;
  readonly #incoming: IncomingTransfers;
  readonly #routing = new Map<ApplicationName, OpenChannel>();
  readonly #targets = new Map<ApplicationName, OpenChannel>();
  readonly #dead = new Set<NodeId>();
  #lastNumber = 0;

  constructor(options: StackOptions) {
    const { links, carriers, logics, routes, hopsMax, log, sight } = options;
    this.#options = options;
    this.clients = new Clients((client) => {
      this.#outgoing.clientClosed(client);
      routes.end(client.connection);
    });
    this.listings = new Listings(links);
    this.listings.subscribe(() => this.#tellTargets());
    links.subscribe({
      onOpen: (peer) => this.#dead.delete(peer),
      onLost: (peer) => {
        this.#dead.add(peer);
        // A relaying thread's sockets close as it ends. Of another process nothing may ever come.
        if (!links.isHere(peer)) this.clients.closeRelayedBy(peer);
      },
    });
    this.#outgoing = new OutgoingTransfers(
      {
        links,
        sight,
        clients: this.clients,
        departureOf: (...wanted) => carriers.departureOf(...wanted),
        isDead: (node) => this.#dead.has(node),
        hopsMaxOf: ({ vipa }) => hopsMax.get(vipa) ?? limits.hopsMax,
        onMoved: (arrival, target, carrier) => {
          // What a dead node took has ended with it; its rows were ended before.
          if (!this.#dead.has(target)) routes.given(arrival, target, carrier);
        },
        onRefused: (client, refusal) =>
          log.info({ client: client.connection, ...refusal }, 'transfer refused'),
      },
      logics.outgoing,
    );
    this.#incoming = new IncomingTransfers(
      {
        links,
        sight,
        clients: this.clients,
        carriers: carriers.usable,
        arrivalOf: (cargo, tuple, allowHalfOpen) => carriers.arrivalOf(cargo, tuple, allowHalfOpen),
        targetChannel: (application) => {
          const open = this.#targets.get(application);
          return open && { channel: open.end, allowHalfOpen: open.allowHalfOpen };
        },
        onServed: (client, giver) => routes.taken(client, giver),
      },
      logics.incoming,
    );
  }

  /**
   * Takes back the routes of an earlier stack of this node. Called once its peers have links to
   * it: before, the end of a connection would change the copy and be told to nobody.
   */
  restore(): void {
    this.#lastNumber = this.#options.routes.restore();
  }

  /** A connection was accepted on a VIPA that this stack owns (CT-1). */
  accept(vipa: Vipa, socket: Socket): void {
    const routing = this.#routing.get(vipa.routing);
    const { remoteAddress, remotePort, localAddress, localPort } = socket;
    if (!routing || !remoteAddress || !remotePort || !localAddress || !localPort) {
      socket.destroy(); // It left before it was accepted, or nobody is there to answer it.
      return;
    }
    this.#lastNumber += 1;
    const connection: ConnectionDescription = {
      origin: this.#options.node,
      number: this.#lastNumber,
      vipa: vipa.name,
      tuple: {
        clientAddress: remoteAddress,
        clientPort: remotePort,
        address: localAddress,
        port: localPort,
      },
      epoch: 1 as Epoch,
      hops: 0,
      hopsSilent: 0,
    };
    const client = this.clients.hold(socket, sharingWords(connection));
    routing.end.send({ type: 'client.arrived', client: client.id });
  }

  /** Opens a control channel; the application's first message says what it is (CT-12). */
  openChannel(allowHalfOpen = false): ApplicationEnd {
    const { application, stack } = controlChannel();
    stack.listen((message) => this.#hear(stack, message, allowHalfOpen));
    return application;
  }

  /** The targets that listen on a VIPA, as its routing applications see them (CT-4). */
  targetsOf(vipa: VipaName): readonly Target[] {
    return this.listings.targets().filter((target) => target.vipa === vipa);
  }

  /** Calls back once, when no transfer is under way and no client is relayed through here. */
  whenSettled(callback: () => void): void {
    const { relays } = this.#options.carriers;
    this.#outgoing.whenSettled(() => this.#incoming.whenSettled(() => relays.whenEmpty(callback)));
  }

  get transfersUnderway(): number {
    return this.#outgoing.size + this.#incoming.size;
  }

  #hear(end: StackEnd, message: ApplicationMessage, allowHalfOpen: boolean): void {
    switch (message.type) {
      case 'channel.open': {
        const { application, role } = message;
        const roles = role === 'routing' ? this.#routing : this.#targets;
        roles.set(application, { end, application, allowHalfOpen });
        end.send({ type: 'channel.opened' });
        end.send({ type: 'targets.changed', targets: this.listings.targets() });
        return;
      }
      case 'channel.close':
        this.#close(end);
        return;
      case 'listen':
      case 'unlisten':
        this.#list(end, message);
        return;
      case 'transfer.begin':
        this.#outgoing.begin(message, end);
        return;
      case 'target.chosen':
      case 'target.none':
        this.#outgoing.choose(message);
        return;
      case 'offer.accept':
        this.#incoming.decide(message.offer, undefined);
        return;
      case 'offer.reject':
        this.#incoming.decide(message.offer, message.refusal);
        return;
    }
  }

  #list(end: StackEnd, { type, vipa }: { type: 'listen' | 'unlisten'; vipa: VipaName }): void {
    const open = [...this.#targets.values()].find((channel) => channel.end === end);
    if (!open) return;
    const target = { node: this.#options.node, application: open.application, vipa };
    if (type === 'listen') this.listings.announce(target);
    else this.listings.withdraw(target);
  }

  #close(end: StackEnd): void {
    this.#outgoing.cancelAllOf(end);
    for (const roles of [this.#routing, this.#targets]) {
      for (const [name, channel] of roles) if (channel.end === end) roles.delete(name);
    }
    end.close();
  }

  #tellTargets(): void {
    const targets = this.listings.targets();
    for (const roles of [this.#routing, this.#targets]) {
      for (const { end } of roles.values()) end.send({ type: 'targets.changed', targets });
    }
  }
}
