/** One node in this thread: its machine started over its stack, its applications and its links. */
import { threadId, type MessagePort } from 'node:worker_threads';
import type { Logger } from 'pino';
import { createActor, waitFor, type ActorRefFrom, type InspectionEvent } from 'xstate';
import type { ApplicationName, NodeId, VipaName } from '../../actors/vocabulary.ts';
import { InterplexError, isErrorCode, sentenceOf } from '../errors.ts';
import { limits } from '../limits.ts';
import { LeaseKeys } from '../ports/lease-keys.ts';
import { SharedLeases } from '../ports/shared-leases.ts';
import { TupleTable } from '../ports/tuple-table.ts';
import { Links } from '../runtime/links.ts';
import { logSteps, logTransferSteps } from '../runtime/step-log.ts';
import { throwLater } from '../runtime/listeners.ts';
import { NodeActors } from '../runtime/node-actors.ts';
import { ApplicationHosts } from '../transfer/application-hosts.ts';
import {
  importApplication,
  roleOf,
  type ApplicationModule,
} from '../transfer/application-module.ts';
import type { ApplicationNode } from '../transfer/conversation.ts';
import { Carriers } from '../transfer/carriers.ts';
import { Custody } from '../transfer/custody.ts';
import { RangeBindings } from '../transfer/range-bindings.ts';
import { RouteReports } from '../transfer/route-reports.ts';
import { Stack } from '../transfer/stack.ts';
import { distributor } from '../transfer/distributor.ts';
import { stackEffects } from '../transfer/stack-effects.ts';
import { vipaEffects } from '../transfer/vipa-effects.ts';
import { beginActors } from './actor-modules.ts';
import { dutiesOf, type Configuration } from './configuration.ts';
import * as logics from './provide.ts';
import type { SharedMemory } from './shared-memory.ts';

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
  /** Descriptors that listen for each VIPA and outlive every node. */
  readonly held: ReadonlyMap<VipaName, number>;
  /** The nodes that live at its start, itself among them. */
  readonly living: readonly NodeId[];
  readonly log: Logger;
  /** Modules that are at hand already; others are imported. */
  readonly modules?: ReadonlyMap<string, ApplicationModule>;
  readonly onFailure: (failure: ApplicationFailure) => void;
  /** A VIPA is owned here from now on, at this port. */
  readonly onOpen: (vipa: VipaName, port: number) => void;
  /** An actor's crash is the node's. Default: it is uncaught, and ends the thread. */
  readonly onEscalate?: (error: InterplexError) => void;
}

export class NodeRuntime {
  readonly id: NodeId;
  readonly links: Links;
  readonly actors: NodeActors;
  readonly stack: Stack;
  readonly routes: RouteReports;
  readonly #options: NodeRuntimeOptions;
  readonly #carriers: Carriers;
  readonly #keys: LeaseKeys;
  readonly #leases: SharedLeases;
  readonly #inspection: { inspect: (event: InspectionEvent) => void } | undefined;
  readonly #node: ApplicationNode;
  readonly #actor: ActorRefFrom<ReturnType<typeof logics.nodeLogic>>;
  /** An actor that has not started calls itself active, and hears nothing. */
  #isStarted = false;

  /** Throws IPX_EFFECT_UNPROVIDED while an effect of its machines is missing (AF-2). */
  constructor(options: NodeRuntimeOptions) {
    const { id, configuration, memory } = options;
    const { vipas, ranges } = configuration;
    const nodes = configuration.nodes.map((node) => node.id);
    this.id = id;
    this.#options = options;
    this.links = new Links(id);
    this.#keys = new LeaseKeys(vipas, ranges);
    const shared = { node: id, nodes, links: this.links };
    this.#leases = new SharedLeases({
      ...shared,
      living: options.living,
      memory: memory.leases,
      keys: this.#keys,
    });
    const copies = new TupleTable(memory.routes, nodes.indexOf(id));
    const names = [...vipas, ...ranges].map(({ name }) => name);
    this.routes = new RouteReports({ ...shared, vipas: names, copies });
    this.#carriers = new Carriers({
      ...shared,
      custody: new Custody(memory.custody, nodes.indexOf(id)),
      allowed: configuration.carriers,
      indexOf: (node) => nodes.indexOf(node),
    });
    this.#inspection = options.log.isLevelEnabled('debug')
      ? { inspect: logSteps(options.log) }
      : undefined;
    this.actors = this.#newActors();
    this.stack = this.#newStack();
    const { hosts, node } = this.#newHosts(names);
    this.#node = node;
    this.#actor = this.#newActor(hosts);
    this.#followMembers();
  }

  /** Settles when it takes clients. Rejects with what failed; nothing of it is left then. */
  async start(): Promise<void> {
    const { startMs } = this.#options.configuration;
    this.stack.restore();
    await this.#beginActors();
    this.#isStarted = true;
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
    if (this.#isStarted && this.#actor.getSnapshot().status === 'active') {
      this.#actor.send({ type: 'drain' });
      await waitFor(this.#actor, ({ status }) => status !== 'active', { timeout: Infinity });
    }
    // After the applications, whose goodbyes may need them.
    await this.actors.stopAll(this.#options.configuration.drainMs);
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

  #newActors(): NodeActors {
    const { log, onEscalate = throwLater } = this.#options;
    return new NodeActors({
      node: this.id,
      links: this.links,
      log,
      supervise: logics.supervisionLogic,
      inspect: this.#inspection?.inspect,
      onEscalate,
    });
  }

  /** Before any client comes: who serves it may ask them. */
  async #beginActors(): Promise<void> {
    const { nodes, startMs } = this.#options.configuration;
    const names = nodes.find(({ id }) => id === this.id)?.actors ?? [];
    const load = (name: ApplicationName) => this.#moduleOf(name);
    try {
      await beginActors({ names, node: this.#node, withinMs: startMs, load });
    } catch (error) {
      this.#close();
      throw error;
    }
  }

  #newStack(): Stack {
    const { vipas, ranges } = this.#options.configuration;
    return new Stack({
      node: this.id,
      hopsMax: new Map([...vipas, ...ranges].map(({ name, hopsMax }) => [name, hopsMax])),
      carriers: this.#carriers,
      routes: this.routes,
      links: this.links,
      log: this.#options.log,
      onStep: this.#inspection && logTransferSteps(this.#options.log),
      logics: { outgoing: logics.outgoingTransferLogic, incoming: logics.incomingTransferLogic },
    });
  }

  #newHosts(vipas: readonly VipaName[]): { hosts: ApplicationHosts; node: ApplicationNode } {
    const { id, stack, actors } = this;
    const { log, configuration } = this.#options;
    const node: ApplicationNode = {
      id,
      threadId,
      log,
      actors,
      bindAddress: (options) => ranges.bind(options),
    };
    const hosts = new ApplicationHosts({
      stack,
      node,
      vipas,
      load: async (application, role) => {
        const module = await this.#moduleOf(application);
        return { [role]: roleOf(application, module, role) };
      },
      onFailure: (application, error) => this.#report(application, error),
    });
    const ranges = new RangeBindings({
      stack,
      leases: this.#leases,
      keys: this.#keys,
      ranges: configuration.ranges,
      openRouting: hosts.openRouting,
    });
    return { hosts, node };
  }

  #newActor(hosts: ApplicationHosts) {
    const { configuration, living, held, onOpen } = this.#options;
    const { vipas, drainMs } = configuration;
    const effects = vipaEffects({ stack: this.stack, leases: this.#leases, vipas, held, onOpen });
    const logic = logics.nodeLogic({
      stack: logics.stackLogic(stackEffects(this.stack), logics.vipaLogic(effects)),
      routingApplication: logics.routingApplicationLogic(hosts.routingEffects),
      targetApplication: logics.targetApplicationLogic(hosts.targetEffects),
    });
    const { retryMs } = limits;
    const duties = dutiesOf(configuration, this.id);
    const input = { node: this.id, living, drainMs, retryMs, ...duties };
    return createActor(logic, { input, ...this.#inspection });
  }

  /** What links tell of other nodes is certain, and is what decides who owns a VIPA. */
  #followMembers(): void {
    const living = new Set(this.#options.living);
    const tell = () => {
      if (this.#actor.getSnapshot().status !== 'active') return;
      this.#actor.send({ type: 'members.changed', living: [...living] });
    };
    this.links.subscribe({
      onOpen: (peer) => {
        if (living.has(peer)) return;
        living.add(peer);
        tell();
      },
      onLost: (peer) => {
        living.delete(peer);
        tell();
      },
    });
  }

  #close(): void {
    this.#actor.stop();
    this.stack.clients.closeAll();
    this.#carriers.relays.close();
    this.links.closeAll();
  }

  async #moduleOf(application: ApplicationName): Promise<ApplicationModule> {
    const { modules, configuration } = this.#options;
    const vipa = configuration.vipas.find(({ routing }) => routing === application);
    if (vipa?.distribution) {
      return { routing: distributor(vipa.distribution, (node) => this.routes.table.countOf(node)) };
    }
    const url = configuration.applications.get(application) ?? '';
    return modules?.get(application) ?? importApplication(application, url);
  }

  #report(application: string, error: unknown): void {
    const { log, onFailure } = this.#options;
    const code = error instanceof InterplexError ? error.code : 'IPX_APPLICATION_FAILED';
    const reason = sentenceOf(error);
    log.error({ application, code, err: error }, `application "${application}" failed: ${reason}`);
    onFailure({ node: this.id, application, code, reason });
  }
}
