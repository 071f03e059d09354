/** One node in this thread: its machine started over its stack, its applications and its links. */
import type { MessagePort } from 'node:worker_threads';
import { createActor, waitFor, type ActorRefFrom } from 'xstate';
import type { ApplicationName, NodeId } from '../../actors/vocabulary.ts';
import { InterplexError, isErrorCode, sentenceOf } from '../errors.ts';
import { limits } from '../limits.ts';
import { Links } from '../runtime/links.ts';
import { throwLater } from '../listeners.ts';
import { ApplicationHosts } from '../transfer/application-hosts.ts';
import {
  importApplication,
  roleOf,
  type ApplicationModule,
} from '../transfer/application-module.ts';
import type { ApplicationNode } from '../transfer/application-node.ts';
import { RangeBindings } from '../transfer/range-bindings.ts';
import { Stack } from '../transfer/stack.ts';
import { distributor } from '../transfer/distributor.ts';
import { stackEffects } from '../transfer/stack-effects.ts';
import { vipaEffects } from '../transfer/vipa-effects.ts';
import { beginActors } from './actor-modules.ts';
import { dutiesOf } from './configuration.ts';
import * as logics from './provide.ts';
import { NodeServices } from './node-services.ts';
import type { NodeRuntimeOptions } from './node-world.ts';
import { sharedStructures, type SharedStructures } from './shared-structures.ts';

export class NodeRuntime {
  readonly id: NodeId;
  readonly links: Links;
  readonly stack: Stack;
  readonly routes: SharedStructures['routes'];
  readonly #options: NodeRuntimeOptions;
  readonly #carriers: SharedStructures['carriers'];
  readonly #keys: SharedStructures['keys'];
  readonly #leases: SharedStructures['leases'];
  readonly #services: NodeServices;
  readonly #node: ApplicationNode;
  readonly #ranges: RangeBindings;
  #isStopping = false;
  readonly #actor: ActorRefFrom<ReturnType<typeof logics.nodeLogic>>;
  /** An actor that has not started calls itself active, and hears nothing. */
  #isStarted = false;

  /** Throws IPX_EFFECT_UNPROVIDED while an effect of its machines is missing (AF-2). */
  constructor(options: NodeRuntimeOptions) {
    const { id } = options;
    this.id = id;
    this.#options = options;
    const here = new Set(options.configuration.here);
    this.links = new Links(id, (node) => here.has(node));
    const shared = sharedStructures(options, this.links);
    this.#keys = shared.keys;
    this.#leases = shared.leases;
    this.routes = shared.routes;
    this.#carriers = shared.carriers;
    this.#services = new NodeServices(options, this.links);
    this.stack = this.#newStack();
    const hosted = this.#newHosts();
    this.#node = hosted.node;
    this.#ranges = hosted.ranges;
    this.#actor = this.#newActor(hosted.hosts);
    this.#followMembers();
  }

  get sight() {
    return this.#services.sight;
  }
  get actors() {
    return this.#services.actors;
  }
  get messaging() {
    return this.#services.messaging;
  }
  get ports() {
    return this.#services.ports;
  }
  get dataPorts() {
    return this.#services.dataPorts;
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
      this.#followActor();
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

  /** What fails later, as a listener at a takeover, is the node's crash: it is supervised. */
  #followActor(): void {
    const { onEscalate = throwLater } = this.#options;
    const complete = () => {
      const { output } = this.#actor.getSnapshot();
      if (output?.outcome !== 'failed' || this.#isStopping) return;
      this.#close();
      const code = isErrorCode(output.code) ? output.code : 'IPX_NODE_FAILED';
      onEscalate(new InterplexError(code, output.reason));
    };
    this.#actor.subscribe({ complete });
  }

  /** Lets applications say goodbye and transfers settle, then closes all. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    if (this.#isStarted && this.#actor.getSnapshot().status === 'active') {
      this.#ranges.drain();
      this.#actor.send({ type: 'drain' });
      await waitFor(this.#actor, ({ status }) => status !== 'active', { timeout: Infinity });
    }
    await this.dataPorts.close();
    // After the applications, whose goodbyes may need them.
    await this.actors.stopAll(this.#options.configuration.drainMs);
    this.#close();
    await this.messaging.close();
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
      sight: this.#services.sight,
      logics: { outgoing: logics.outgoingTransferLogic, incoming: logics.incomingTransferLogic },
    });
  }

  #newHosts() {
    const { stack } = this;
    const { configuration } = this.#options;
    const { vipas, ranges: settings } = configuration;
    const node = this.#services.faceOf((options) => ranges.bind(options));
    const hosts = new ApplicationHosts({
      stack,
      node,
      vipas: [...vipas, ...settings].map(({ name }) => name),
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
      ranges: settings,
      openRouting: hosts.openRouting,
    });
    return { hosts, node, ranges };
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
    const actor = createActor(logic, { id: this.id, input });
    this.#services.sight.onRoot(actor);
    return actor;
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
    this.ports.close();
    this.links.closeAll();
  }

  async #moduleOf(application: ApplicationName): Promise<ApplicationModule> {
    const { modules, configuration } = this.#options;
    const vipa = configuration.vipas.find(({ routing }) => routing === application);
    if (vipa?.distribution) {
      const countOf = (node: NodeId) => this.routes.countOf(node, vipa.name);
      return { routing: distributor(vipa.distribution, countOf) };
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
