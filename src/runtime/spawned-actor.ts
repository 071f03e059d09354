/** An actor that its node has spawned: started, and after a crash what its supervision says. */
import type { Refusal } from '../../actors/vocabulary.ts';
import type { SupervisionInput } from '../../actors/supervision.ts';
import { InterplexError, sentenceOf } from '../errors.ts';
import type { ActorHost, Behaviour } from './actor-host.ts';
import type { RootListener } from './behaviours.ts';
import { Supervisor, type Supervise, type SupervisedChild } from './supervisor.ts';

export interface SpawnedActorOptions {
  readonly host: ActorHost;
  /** Makes it anew; it is started when the host has it. */
  readonly incarnate: (ends: Ends) => Behaviour & { start?(): void };
  readonly supervision: SupervisionInput | undefined;
  readonly supervise: Supervise;
  readonly node: SpawningNode;
}

/** How an incarnation came to an end by itself. */
export interface Ends {
  readonly onDone: () => void;
  readonly onCrash: (error: unknown) => void;
}

/** What its node does for it. */
export interface SpawningNode {
  readonly onRoot: RootListener;
  resume(host: ActorHost): void;
  /** Takes no more events; what it was asked and had begun is refused. */
  suspend(host: ActorHost, why: string): void;
  cease(host: ActorHost, reason: 'done' | 'failed'): void;
  report(host: ActorHost, error: unknown, consequence: string): void;
  escalate(error: InterplexError): void;
}

export class SpawnedActor {
  readonly #options: SpawnedActorOptions;
  readonly #supervisor: Supervisor | undefined;

  constructor(options: SpawnedActorOptions) {
    this.#options = options;
    const { supervision, supervise, host, node } = options;
    if (!supervision) return;
    const seen = { name: host.reference.name, onRoot: node.onRoot };
    const child: SupervisedChild = {
      start: () => {
        host.restarts += 1;
        this.start();
        if (host.behaviour) this.#supervisor?.started();
      },
      onRestarting: ({ afterMs, reason }) =>
        node.report(host, reason, `is restarted in ${Math.round(afterMs)} ms`),
      onFailed: ({ reason }) => this.#fail(reason),
      onEscalated: (refusal) => {
        this.#fail(refusal.reason);
        node.escalate(escalation(host, refusal));
      },
    };
    this.#supervisor = new Supervisor(supervise, supervision, child, seen);
  }

  /** The first incarnation, or the next; it may end at once. */
  start(): void {
    const { host, incarnate, node } = this.#options;
    let isOver = false;
    const once = (end: () => void) => () => {
      if (!isOver && !host.isOver) end();
      isOver = true;
    };
    const ends: Ends = {
      onDone: () => once(() => node.cease(host, 'done'))(),
      onCrash: (error) => once(() => this.crash(error))(),
    };
    try {
      const behaviour = incarnate(ends);
      host.behaviour = behaviour;
      behaviour.start?.();
      if (host.behaviour === behaviour) node.resume(host);
    } catch (error) {
      ends.onCrash(error);
    }
  }

  crash(error: unknown): void {
    const { host, node } = this.#options;
    node.suspend(host, 'it has crashed');
    const refusal = { code: 'IPX_ACTOR_FAILED', reason: sentenceOf(error) };
    if (this.#supervisor) this.#supervisor.crashed(refusal);
    else this.#fail(error);
  }

  stop(): void {
    this.#supervisor?.stop();
    this.#options.host.behaviour?.stop();
  }

  #fail(error: unknown): void {
    const { host, node } = this.#options;
    node.report(host, error, 'has ended');
    node.cease(host, 'failed');
  }
}

const escalation = ({ reference: { address } }: ActorHost, { reason }: Refusal) =>
  new InterplexError('IPX_ACTOR_FAILED', `Actor ${address} has crashed its node: ${reason}`);
