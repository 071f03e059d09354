/** One node in this thread: its machine started over its stack, its applications and its links. */
import { threadId, type MessagePort } from 'node:worker_threads';
import type { Logger } from 'pino';
import { createActor, waitFor, type ActorRefFrom, type InspectionEvent } from 'xstate';
import type { NodeId, VipaName } from '../../actors/vocabulary.ts';
import { InterplexError, isErrorCode, sentenceOf } from '../errors.ts';
import { TupleTable, tupleTableMemory } from '../ports/tuple-table.ts';
import { ActorDirectory } from '../runtime/actor-directory.ts';
import { Links } from '../runtime/links.ts';
import { ApplicationHosts } from '../transfer/application-hosts.ts';
import {
  importApplication,
  roleOf,
  type ApplicationModule,
} from '../transfer/application-module.ts';
import { Custody, custodyMemory } from '../transfer/custody.ts';
import { RouteReports } from '../transfer/route-reports.ts';
import { Stack } from '../transfer/stack.ts';
import { stackEffects } from '../transfer/stack-effects.ts';
import { dutiesOf, type Configuration } from './configuration.ts';
import * as logics from './provide.ts';

/** What the threads of one cluster share. */
export interface SharedMemory {
  readonly custody: SharedArrayBuffer;
  readonly routes: SharedArrayBuffer;
}

export const sharedMemory = ({ nodes }: Configuration): SharedMemory => ({
  custody: custodyMemory(nodes.length),
  routes: tupleTableMemory(),
});

/** An endpoint that is open, with the port that it got. */
export interface Endpoint {
  readonly vipa: VipaName;
  readonly address: string;
  readonly port: number;
}

/** An application's code has thrown where the application did not catch it. */
export interface ApplicationFailure {
  readonly node: string;
  readonly application: string;
  readonly code: string;
  readonly reason: string;
}

export interface NodeRuntimeOptions {
  readonly id: NodeId;
  readonly configuration: Configuration;
  readonly memory: SharedMemory;
  readonly log: Logger;
  /** Modules that are at hand already; others are imported. */
  readonly modules?: ReadonlyMap<string, ApplicationModule>;
  readonly onFailure: (failure: ApplicationFailure) => void;
}

export class NodeRuntime {
  readonly id: NodeId;
  readonly links: Links;
  readonly actors: ActorDirectory;
  readonly stack: Stack;
  readonly routes: RouteReports;
  readonly endpoints: Endpoint[] = [];
  readonly #options: NodeRuntimeOptions;
  readonly #actor: ActorRefFrom<ReturnType<typeof logics.nodeLogic>>;

  /** Throws IPX_EFFECT_UNPROVIDED while an effect of its machines is missing (AF-2). */
  constructor(options: NodeRuntimeOptions) {
    const { id, configuration, memory, log } = options;
    const { vipas, drainMs } = configuration;
    const nodes = configuration.nodes.map((node) => node.id);
    const index = nodes.indexOf(id);
    const names = vipas.map(({ name }) => name);
    this.id = id;
    this.#options = options;
    this.links = new Links(id);
    this.actors = new ActorDirectory(id, this.links);
    const copies = new TupleTable(memory.routes, index);
    this.routes = new RouteReports({ node: id, nodes, vipas: names, links: this.links, copies });
    const inspect = log.isLevelEnabled('debug') ? logSteps(log) : undefined;
    this.stack = new Stack({
      node: id,
      nodes,
      vipas,
      custody: new Custody(memory.custody, index),
      routes: this.routes,
      links: this.links,
      log,
      inspect,
      logics: { outgoing: logics.outgoingTransferLogic, incoming: logics.incomingTransferLogic },
    });
    const hosts = new ApplicationHosts({
      stack: this.stack,
      node: { id, threadId, log, actors: this.actors },
      vipas: names,
      load: async (application, role) => {
        const module =
          options.modules?.get(application) ??
          (await importApplication(application, configuration.applications.get(application) ?? ''));
        return { [role]: roleOf(application, module, role) };
      },
      onFailure: (application, error) => this.#report(application, error),
    });
    const effects = stackEffects(this.stack, vipas, ({ name, address }, port) => {
      this.endpoints.push({ vipa: name, address, port });
    });
    const logic = logics.nodeLogic({
      stack: logics.stackLogic(effects),
      routingApplication: logics.routingApplicationLogic(hosts.routingEffects),
      targetApplication: logics.targetApplicationLogic(hosts.targetEffects),
    });
    const input = { node: id, drainMs, ...dutiesOf(configuration, id) };
    this.#actor = createActor(logic, { input, ...(inspect && { inspect }) });
  }

  /** Settles when it takes clients. Rejects with what failed; nothing of it is left then. */
  async start(): Promise<void> {
    const { startMs } = this.#options.configuration;
    this.stack.restore();
    this.#actor.start();
    const reached = await waitFor(
      this.#actor,
      (snapshot) => snapshot.status !== 'active' || snapshot.hasTag('ready'),
      { timeout: startMs },
    ).catch(() => undefined);
    if (reached?.status === 'active') {
      await this.#listed();
      return;
    }
    this.#close();
    const output = reached?.output;
    if (output?.outcome === 'failed' && isErrorCode(output.code)) {
      throw new InterplexError(output.code, output.reason);
    }
    const sentence = `Node "${this.id}" did not start within ${startMs} ms.`;
    throw new InterplexError('IPX_START_TIMEOUT', sentence);
  }

  /** Lets applications say goodbye and transfers settle, then closes all. */
  async stop(): Promise<void> {
    if (this.#actor.getSnapshot().status === 'active') {
      this.#actor.send({ type: 'drain' });
      await waitFor(this.#actor, ({ status }) => status !== 'active', { timeout: Infinity });
    }
    this.#close();
  }

  /** What it serves is listed and was told to its peers: a client may be sent here. */
  #listed(): Promise<void> {
    const { id, stack } = this;
    const { configuration } = this.#options;
    const served = configuration.nodes.find((node) => node.id === id)?.run.length ?? 0;
    const isListed = () => {
      const own = stack.listings.targets().filter(({ node }) => node === id);
      return own.length >= served * configuration.vipas.length;
    };
    return new Promise((resolve) => {
      stack.listings.subscribe(() => isListed() && resolve());
      if (isListed()) resolve();
    });
  }

  link(peer: NodeId, port: MessagePort): void {
    this.links.open(peer, port);
  }

  #close(): void {
    this.#actor.stop();
    this.stack.clients.closeAll();
    this.links.closeAll();
  }

  #report(application: string, error: unknown): void {
    const { log, onFailure } = this.#options;
    const code = error instanceof InterplexError ? error.code : 'IPX_APPLICATION_FAILED';
    const reason = sentenceOf(error);
    log.error({ application, code, err: error }, `application "${application}" failed: ${reason}`);
    onFailure({ node: this.id, application, code, reason });
  }
}

/** Each step of each machine, for a log at debug. */
const logSteps = (log: Logger) => (event: InspectionEvent) => {
  if (event.type !== '@xstate.snapshot') return;
  const { snapshot, actorRef } = event;
  const value = 'value' in snapshot ? snapshot.value : snapshot.status;
  log.debug({ actor: actorRef.sessionId, event: event.event.type, state: value }, 'step');
};
