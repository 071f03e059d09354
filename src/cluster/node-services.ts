/** What one node offers beside its stack: actors, messages, data ports and source ports. */
import { threadId } from 'node:worker_threads';
import type { NodeId } from '../../actors/vocabulary.ts';
import { NodeRoutes } from '../io/kernel-routes.ts';
import { openUdp } from '../io/udp.ts';
import { InterplexError } from '../errors.ts';
import type { Links } from '../runtime/links.ts';
import { throwLater } from '../listeners.ts';
import { NodeActors } from '../runtime/node-actors.ts';
import { noteSight, type Sight } from '../runtime/sight.ts';
import type { WantPorts } from '../ports/host-words.ts';
import type { ApplicationNode } from '../transfer/application-node.ts';
import { NodeDataPorts, parseDataPorts } from './node-data-ports.ts';
import { NodeMessaging } from './node-messaging.ts';
import { NodePorts } from './node-ports.ts';
import { busiest, sightOf } from './node-sight.ts';
import type { NodeRuntimeOptions } from './node-world.ts';
import { supervisionLogic } from './provide.ts';

export class NodeServices {
  readonly sight: Sight;
  readonly actors: NodeActors;
  readonly messaging: NodeMessaging;
  readonly ports: NodePorts;
  readonly dataPorts: NodeDataPorts;
  readonly #options: NodeRuntimeOptions;

  constructor(options: NodeRuntimeOptions, links: Links) {
    const { id, configuration, log, inspection, onMember = () => {} } = options;
    const { onEscalate: onDisplaced = throwLater } = options;
    const { openSocket = openUdp, routeInstaller = new NodeRoutes() } = options;
    this.#options = options;
    this.sight = sightOf({
      node: id,
      log,
      links,
      inspection,
      figures: () => ({
        mailboxes: busiest(this.actors.mailboxes()),
        dataPorts: this.dataPorts.figures(),
        ...this.#wayFigures(),
        resting: this.ports.resting(),
      }),
      cut: (path) => this.#cut(path),
    });
    this.messaging = new NodeMessaging({
      id,
      configuration,
      links,
      log,
      openSocket,
      routeInstaller,
      sight: this.sight,
      onMember: (member) => {
        if (member.status === 'dead') this.dataPorts.doubt(member.node);
        onMember(member);
      },
      onDisplaced,
    });
    this.actors = this.#newActors(links);
    this.ports = this.#newPorts(links);
    this.dataPorts = this.#newDataPorts(links);
  }

  /** The node as its applications see it, but for the addresses of ranges. */
  faceOf(bindAddress: ApplicationNode['bindAddress']): ApplicationNode {
    const { id, log } = this.#options;
    const { actors, messaging, ports, dataPorts } = this;
    const face: ApplicationNode = {
      id,
      threadId,
      log,
      actors,
      get messenger() {
        return messaging.messenger;
      },
      get addressTable() {
        return messaging.messenger.addressTable;
      },
      members: () => messaging.messenger.members(),
      ports: ports.sources,
      bindAddress,
      openDataPort: (given) => dataPorts.open(given),
      acceptDataPorts: (service, handler) => dataPorts.accept(service, handler),
    };
    noteSight(face, this.sight);
    return face;
  }

  #wayFigures() {
    const { adapters, paths } = this.messaging.figures();
    return { adapters, paths: [...paths, ...this.dataPorts.pathFigures()] };
  }

  #cut(path: string): void {
    if (this.messaging.cut(path) || this.dataPorts.cut(path)) return;
    const sentence = `There is no path "${path}" to cut: it may have gone down meanwhile.`;
    throw new InterplexError('IPX_COMMAND_REFUSED', sentence);
  }

  get #nodes(): readonly NodeId[] {
    return this.#options.configuration.nodes.map(({ id }) => id);
  }

  #newActors(links: Links): NodeActors {
    const { id, log, onEscalate = throwLater } = this.#options;
    const { onRoot } = this.sight;
    const supervise = supervisionLogic;
    return new NodeActors({ node: id, links, log, supervise, onRoot, onEscalate });
  }

  #newPorts(links: Links): NodePorts {
    const { id, memory, log, wantPorts: want = none } = this.#options;
    const [nodes, pools, { sight }] = [this.#nodes, memory.ports, this];
    const ports = new NodePorts({ nodes, stack: nodes.indexOf(id), pools, log, sight, want });
    links.subscribe({ onLost: (peer) => void ports.reclaim(nodes.indexOf(peer)) });
    return ports;
  }

  #newDataPorts(links: Links): NodeDataPorts {
    const { id, configuration } = this.#options;
    const own = configuration.nodes.find((node) => node.id === id);
    const settings = own?.dataPorts ?? parseDataPorts('', {});
    const { onRoot } = this.sight;
    const messenger = () => this.messaging.messenger;
    return new NodeDataPorts({ id, links, settings, onRoot, messenger, nodes: this.#nodes });
  }
}

const none: WantPorts = () => Promise.resolve({ ok: true, units: 0, others: '' });
