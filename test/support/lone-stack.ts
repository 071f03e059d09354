/**
 * A real stack `a` in this thread, over real sockets and shared memory; its peer `b` and its one
 * application are played by the test, message by message, to bring about what no peer would.
 */
import { once } from 'node:events';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import type {
  ApplicationMessage,
  NodeMessage,
  StackMessage,
  TransferOutcome,
} from '#actors/protocol';
import type { ApplicationName, ClientId, NodeId, VipaName } from '#actors/vocabulary';
import { incomingTransferLogic, outgoingTransferLogic } from '#internal/cluster/provide';
import { TupleTable, tupleTableMemory } from '#internal/ports/tuple-table';
import { Links } from '#internal/runtime/links';
import { unseen } from '#internal/runtime/sight';
import { Custody, custodyMemory } from '#internal/transfer/custody';
import { RouteReports } from '#internal/transfer/route-reports';
import { Carriers } from '#internal/transfer/carriers';
import { Stack } from '#internal/transfer/stack';
import type { Vipa } from '#internal/transfer/vipa';
import pino from 'pino';
import { onTestFinished } from 'vitest';
import { socketPair, type SocketPair } from './socket-pair.ts';
import { within } from './until.ts';

const nodes = ['a', 'b'] as NodeId[];
const [own, peer] = nodes as [NodeId, NodeId];
const vipa: Vipa = {
  name: 'chat' as VipaName,
  address: '127.0.0.1',
  port: 0,
  routing: 'lobby' as ApplicationName,
  hopsMax: 16,
  distribution: undefined,
  preference: [own],
  takeback: 'whenIdle',
};

/** What comes in over a port, one message after the other. */
class Mail<Message extends { readonly type: string }> {
  readonly #arrived: Message[] = [];
  #wake: (() => void) | undefined;

  add(message: Message): void {
    this.#arrived.push(message);
    this.#wake?.();
  }

  /** The next of that type; others before it are passed over. */
  next<Type extends Message['type']>(type: Type): Promise<Extract<Message, { type: Type }>> {
    const isIt = (message: Message): message is Extract<Message, { type: Type }> =>
      message.type === type;
    const found = async () => {
      for (;;) {
        for (let first = this.#arrived.shift(); first; first = this.#arrived.shift()) {
          if (isIt(first)) return first;
        }
        await new Promise<void>((resolve) => (this.#wake = resolve));
      }
    };
    return within(5_000, `a message ${type}`, found());
  }
}

export class LoneStack {
  readonly memory = custodyMemory(nodes.length);
  /** As the stack itself uses it, and as its peer would. */
  readonly custody = new Custody(this.memory, 0);
  readonly peerCustody = new Custody(this.memory, 1);
  readonly routes: RouteReports;
  readonly stack: Stack;
  readonly atPeer = new Mail<NodeMessage>();
  readonly atApplication = new Mail<StackMessage>();
  readonly #links = new Links(own);
  readonly #application;
  readonly #port: MessagePort;

  constructor() {
    const copies = new TupleTable(tupleTableMemory(), 0);
    const vipas = [vipa.name];
    this.routes = new RouteReports({ node: own, nodes, vipas, links: this.#links, copies });
    this.stack = new Stack({
      node: own,
      hopsMax: new Map([[vipa.name, vipa.hopsMax]]),
      carriers: new Carriers({
        node: own,
        links: this.#links,
        custody: this.custody,
        allowed: ['descriptor'],
        indexOf: (node) => nodes.indexOf(node),
        addresses: ['127.0.0.1'],
      }),
      routes: this.routes,
      links: this.#links,
      log: pino({ level: 'silent' }),
      logics: { outgoing: outgoingTransferLogic, incoming: incomingTransferLogic },
      sight: unseen,
    });
    const { port1, port2 } = new MessageChannel();
    this.#port = port2;
    port2.on('message', (batch: readonly NodeMessage[]) => {
      for (const message of batch) this.atPeer.add(message);
    });
    this.#links.open(peer, port1);
    this.#application = this.stack.openChannel();
    this.#application.listen((message) => this.atApplication.add(message));
    this.says({ type: 'channel.open', application: vipa.routing, role: 'routing' });
    onTestFinished(() => {
      this.stack.clients.closeAll();
      this.#application.close();
      this.#links.closeAll();
    });
  }

  /** The application says. */
  says(message: ApplicationMessage): void {
    this.#application.send(message);
  }

  /** The peer says. */
  peerSays(message: NodeMessage): void {
    this.#port.postMessage([message]);
  }

  /** A client that the stack has accepted, and its number. */
  async accept(): Promise<SocketPair & { readonly id: ClientId }> {
    await this.atApplication.next('channel.opened');
    const pair = await socketPair();
    this.stack.accept(vipa, pair.server);
    const { client: id } = await this.atApplication.next('client.arrived');
    return { ...pair, id };
  }

  /** The application wants the client moved, to the peer. */
  wishes(client: ClientId, attemptsMax: number): void {
    const to = 'room' as ApplicationName;
    this.says({ type: 'transfer.begin', client, to, attemptsMax, deadlineMs: 5_000 });
    this.chooses(client);
  }

  chooses(client: ClientId): void {
    this.says({ type: 'target.chosen', client, target: peer, state: new Uint8Array() });
  }

  /** Plays the peer up to the commit that it gets. */
  async committed(): Promise<Extract<NodeMessage, { carrier: 'descriptor' }>> {
    const { transfer, attempt } = await this.atPeer.next('transfer.offer');
    this.peerSays({ type: 'transfer.accept', transfer, attempt, carriers: ['descriptor'] });
    const commit = await this.atPeer.next('transfer.commit');
    if (commit.carrier === 'descriptor') return commit;
    throw new Error('Only descriptors are allowed here.');
  }

  async outcome(): Promise<TransferOutcome> {
    return (await this.atApplication.next('transfer.settled')).outcome;
  }

  /** The peer's thread has ended, and the cluster says so. */
  async losePeer(): Promise<void> {
    const closed = once(this.#port, 'close');
    this.#port.close();
    await closed;
    await this.#links.lose(peer);
  }
}
