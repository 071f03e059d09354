/** What one node offers beside its stack: actors, messages, data ports and source ports. */
import { threadId } from 'node:worker_threads';
import type { NodeId } from '../../actors/vocabulary.ts';
import { NodeRoutes } from '../io/kernel-routes.ts';
import { openUdp } from '../io/udp.ts';
import type { Links } from '../runtime/links.ts';
import { throwLater } from '../runtime/listeners.ts';
import { NodeActors } from '../runtime/node-actors.ts';
import type { ApplicationNode } from '../transfer/application-node.ts';
import { NodeDataPorts, parseDataPorts } from './node-data-ports.ts';
import { NodeMessaging } from './node-messaging.ts';
import { NodePorts } from './node-ports.ts';
import { busiest, sightOf, type Sight } from './node-sight.ts';
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
      }),
    });
    this.messaging = new NodeMessaging({
      id,
      configuration,
      links,
      log,
      openSocket,
      routeInstaller,
      onMember,
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
    return {
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
    const { id, memory, log } = this.#options;
    const nodes = this.#nodes;
    const ports = new NodePorts({ nodes, stack: nodes.indexOf(id), pools: memory.ports, log });
    links.subscribe({ onLost: (peer) => void ports.reclaim(nodes.indexOf(peer)) });
    return ports;
  }

  #newDataPorts(links: Links): NodeDataPorts {
    const { id, configuration } = this.#options;
    const own = configuration.nodes.find((node) => node.id === id);
    const settings = own?.dataPorts ?? parseDataPorts('', {});
    const { onRoot } = this.sight;
    return new NodeDataPorts({ id, links, settings, onRoot, nodes: this.#nodes });
  }
}
