/** The effects of the two application machines at one node: modules loaded, channels opened. */
import type { Role } from '../../actors/protocol.ts';
import type { Application, ApplicationEvent } from '../../actors/transfer/routing-application.ts';
import type { ApplicationName, Refusal, VipaName } from '../../actors/vocabulary.ts';
import { InterplexError, sentenceOf } from '../errors.ts';
import type { Roles } from './application-module.ts';
import type { ApplicationNode } from './application-node.ts';
import type { ConversationOptions } from './conversation.ts';
import { routingApplication, RoutingRole, type RoutingFunction } from './routing-role.ts';
import type { Stack } from './stack.ts';
import { TargetRole } from './target-role.ts';

interface Args {
  readonly context: Application;
  readonly self: { send(event: ApplicationEvent): void };
}

export interface HostOptions {
  readonly stack: Stack;
  readonly node: ApplicationNode;
  readonly vipas: readonly VipaName[];
  /** Loads a role of an application; rejects with an InterplexError. */
  load(application: ApplicationName, role: Role): Promise<Roles>;
  readonly onFailure: (application: ApplicationName, error: unknown) => void;
}

export class ApplicationHosts {
  readonly #options: HostOptions;
  readonly #loaded = new Map<string, Roles>();
  readonly #routing = new Map<ApplicationName, RoutingRole>();
  readonly #targets = new Map<ApplicationName, TargetRole>();

  constructor(options: HostOptions) {
    this.#options = options;
  }

  readonly routingEffects = {
    load: (args: Args) => void this.#load(args, 'routing'),
    openChannel: ({ context: { application }, self }: Args) => {
      const definition = this.#loaded.get(`routing:${application}`)?.routing;
      if (!definition) return;
      const role = new RoutingRole(definition, this.#conversation(application, 'routing', false));
      this.#routing.set(application, role);
      role.open(() => self.send({ type: 'channel.opened' }));
    },
    closeChannel: ({ context: { application } }: Args) => this.#routing.get(application)?.close(),
    sayGoodbye: ({ context: { application }, self }: Args) =>
      this.#routing.get(application)?.sayGoodbye(() => self.send({ type: 'clients.gone' })),
  };

  readonly targetEffects = {
    load: (args: Args) => void this.#load(args, 'target'),
    openChannel: ({ context: { application }, self }: Args) => {
      const definition = this.#loaded.get(`target:${application}`)?.target;
      if (!definition) return;
      const options = this.#conversation(application, 'target', definition.allowHalfOpen);
      const role = new TargetRole(definition, options);
      this.#targets.set(application, role);
      role.open(() => self.send({ type: 'channel.opened' }));
    },
    closeChannel: ({ context: { application } }: Args) => this.#targets.get(application)?.close(),
    beginListening: ({ context: { application } }: Args) => {
      for (const vipa of this.#options.vipas) this.#targets.get(application)?.listen(vipa);
    },
    ceaseListening: ({ context: { application } }: Args) => {
      for (const vipa of this.#options.vipas) this.#targets.get(application)?.unlisten(vipa);
    },
    sayGoodbye: ({ context: { application }, self }: Args) =>
      this.#targets.get(application)?.sayGoodbye(() => self.send({ type: 'clients.gone' })),
  };

  /** Opens a routing application that is no module's. Settles with how to close it. */
  readonly openRouting = (name: ApplicationName, routing: RoutingFunction): Promise<() => void> => {
    const options = this.#conversation(name, 'routing', false);
    const role = new RoutingRole(routingApplication(routing), options);
    return new Promise((resolve) => role.open(() => resolve(() => role.close())));
  };

  async #load({ context: { application }, self }: Args, role: Role): Promise<void> {
    try {
      const roles = await this.#options.load(application, role);
      this.#loaded.set(`${role}:${application}`, roles);
      self.send({ type: 'module.loaded' });
    } catch (error) {
      self.send({ type: 'module.failed', refusal: refusalOf(error) });
    }
  }

  #conversation(
    application: ApplicationName,
    role: Role,
    allowHalfOpen: boolean,
  ): ConversationOptions {
    const { stack, node, onFailure } = this.#options;
    return {
      application,
      role,
      node,
      clients: stack.clients,
      channel: stack.openChannel(allowHalfOpen),
      onFailure: (error) => onFailure(application, error),
    };
  }
}

const refusalOf = (error: unknown): Refusal => ({
  code: error instanceof InterplexError ? error.code : 'IPX_APPLICATION_INVALID',
  reason: sentenceOf(error),
});
