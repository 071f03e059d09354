/** One node of the caller's thread under an inspector of its own (AF-7). */
import { MessageChannel, threadId, type MessagePort } from 'node:worker_threads';
import { InterplexError } from '../errors.ts';
import { startInspector, type InspectedWorld, type Inspector } from '../inspect/inspector.ts';
import type { NodeFigures, RouteFigures, VipaFigures } from '../inspect/figures.ts';
import type { NodeCommand } from '../inspect/records.ts';
import { limits } from '../limits.ts';
import type { Configuration } from './configuration.ts';
import type { NodeRuntime } from './node-runtime.ts';
import { heapBytes } from './vital-signs.ts';

/** An endpoint that is open, with the port that it got. */
export interface Endpoint {
  readonly vipa: string;
  readonly address: string;
  readonly port: number;
}

export class NodeInspection {
  readonly #configuration: Configuration;
  #inspector: Inspector | undefined;
  #node: NodeRuntime | undefined;
  #endpoints: readonly Endpoint[] = [];
  #isEnded = false;
  #lastUse = performance.eventLoopUtilization();

  private constructor(configuration: Configuration) {
    this.#configuration = configuration;
  }

  /** `undefined` where none is wanted. Rejects as `startInspector` does. */
  static async open(configuration: Configuration): Promise<NodeInspection | undefined> {
    const { inspect } = configuration;
    if (inspect === undefined) return undefined;
    const inspection = new NodeInspection(configuration);
    inspection.#inspector = await startInspector(inspect, inspection.#world);
    return inspection;
  }

  get url(): string {
    return this.#inspector?.url ?? '';
  }

  /** The node's tap: the port that it is given. */
  tapOf(node: string): MessagePort {
    const { port1, port2 } = new MessageChannel();
    this.#inspector?.collector.join(node, port1);
    return port2;
  }

  follow(node: NodeRuntime, endpoints: readonly Endpoint[]): void {
    this.#node = node;
    this.#endpoints = endpoints;
  }

  async close(): Promise<void> {
    await this.#inspector?.close();
  }

  readonly #world: InspectedWorld = {
    title: 'node',
    figures: () => (this.#node ? this.#figures(this.#node) : {}),
    perform: (command) => this.#perform(command),
  };

  #figures(node: NodeRuntime): Readonly<Record<string, unknown>> {
    const routes = node.routes.table.rows();
    const { id } = node;
    return {
      nodes: [this.#nodeFigures(node)],
      vipas: this.#endpoints.map((endpoint): VipaFigures => ({ ...endpoint, owner: id })),
      routes: routes.slice(0, limits.inspectRowsMax).map(routeFigures),
      routesTotal: routes.length,
      ports: node.ports.maps(),
    };
  }

  #nodeFigures({ id, stack, actors }: NodeRuntime): NodeFigures {
    const use = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(use, this.#lastUse);
    this.#lastUse = use;
    return {
      node: id,
      condition: this.#isEnded ? 'ended' : 'living',
      run: this.#configuration.nodes.find((node) => node.id === id)?.run ?? [],
      threadId,
      clients: stack.clients.size,
      transfersUnderway: stack.transfersUnderway,
      mailboxDepth: actors.mailboxDepth,
      heapBytes: heapBytes(),
      eventLoopUse: utilization,
      // Its program alone could start it again.
      commands: this.#isEnded ? [] : ['drain'],
    };
  }

  async #perform({ command, node }: NodeCommand): Promise<void> {
    if (command === 'drain' && node === this.#node?.id) {
      await this.#node.stop();
      this.#isEnded = true;
      return;
    }
    const sentence =
      command === 'drain'
        ? `There is no node "${node}" here.`
        : `Node "${node}" runs in its program's own thread: ${command} it by that program.`;
    throw new InterplexError('IPX_COMMAND_REFUSED', sentence);
  }
}

const routeFigures = ({
  connection,
  owner,
  carrier,
  movedAtMs,
}: ReturnType<NodeRuntime['routes']['table']['rows']>[number]): RouteFigures => ({
  ...connection.tuple,
  vipa: connection.vipa,
  origin: connection.origin,
  number: connection.number,
  owner,
  epoch: connection.epoch,
  hops: connection.hops,
  carrier,
  ageMs: Date.now() - movedAtMs,
});
