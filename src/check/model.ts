/**
 * What is checked: actors that are XState machines, unchanged, the network between them, and what
 * may go wrong. After stateright's `ActorModel`.
 */
import type { Message, ModelActor } from './model-actor.ts';
import type { Property } from './properties.ts';
import type { SystemState } from './system-state.ts';

/**
 * How messages travel between actors. The default keeps the order of each pair, loses nothing and
 * duplicates nothing, as TCP does.
 */
export interface Network {
  /** `none`: any message in flight may be the next. `per-pair`: first in, first out. */
  readonly order?: 'none' | 'per-pair';
  /**
   * `possible`: any message; a number: at most so many altogether. Where messages are neither
   * ordered nor used up (`duplication`), a loss is that a message need not come: no step.
   */
  readonly loss?: 'none' | 'possible' | number;
  /** `possible`: a message may be delivered any number of times. */
  readonly duplication?: 'none' | 'possible';
  /**
   * A message at which the receiver neither changes nor does anything is `kept` in flight: that
   * delivery is no step (the default without order); or it is `taken` from the network, which is a
   * step (the default, and the only way, in order). A duplicating network without order keeps all.
   */
  readonly ignored?: 'kept' | 'taken';
  /** Actors to and from whom messages always come, once and in order: shared memory, say. */
  readonly sureOf?: readonly string[];
  /** The most messages in flight to one actor; more is the outcome `limit`. Default: 64. */
  readonly inFlightMax?: number;
}

/**
 * An actor that crashes says no more; what is in flight from it still comes. With it crash the
 * other actors of its node.
 */
export interface Crashes {
  /** Crashes altogether. */
  readonly atMost: number;
  /** Who may crash; of a node, by its first actor. Default: everybody but cells. */
  readonly actors?: readonly string[];
  /**
   * `never`: it stays down, and what is sent to it is lost. `afresh`: it starts again, at some
   * later time, from its input; without order, what is in flight then still reaches it.
   */
  readonly restart?: 'never' | 'afresh';
  /** Who is told of a crash, over the network, and how; a node's is that of its first actor. */
  readonly told?: (crashed: string) => readonly Message[];
}

/** Reaching one is the outcome `limit`, never a pass. */
export interface Limits {
  /** Unique states. Default: 5,000,000; at most 67,000,000. */
  readonly states?: number;
  /** Steps from the start. Default: none. */
  readonly depth?: number;
  /** Milliseconds. Default: none. */
  readonly timeMs?: number;
  /** Bytes of the states that are kept. Default: 2 GiB. */
  readonly bytes?: number;
}

export type Timing = 'whenever' | 'never' | readonly string[];

export interface Model<Actors extends Readonly<Record<string, ModelActor>>> {
  /** By name. */
  readonly actors: Actors;
  /**
   * Actors that stand for memory which others share. What is sent to one, and what one sends, is
   * received within the step that sends it, in order; it is never lost, and a cell never crashes.
   */
  readonly cells?: readonly string[];
  readonly network?: Network;
  /**
   * Groups of actors that live together: between them messages come once and in order, whatever the
   * network, and they crash together. Default: each actor is alone.
   */
  readonly nodes?: readonly (readonly string[])[];
  readonly crashes?: Crashes;
  /**
   * `whenever`: an armed timer may fire at any time, whatever its delay. `never`: none does. Or the
   * names of the delays of which timers fire, whenever: what no other would do remains unseen.
   */
  readonly timers?: Timing;
  readonly properties: readonly Property<SystemState<Actors>>[];
  /** States in which nothing more can happen though an actor is not done. Default: a violation. */
  readonly deadlock?: 'violation' | 'fine' | ((system: SystemState<Actors>) => boolean);
  /**
   * Groups of interchangeable actors, by name: of states that differ by such an exchange one is
   * explored. Their names are exchanged wherever they are a whole string, or a key, of a context,
   * an input or an event; the claims must not tell them apart.
   */
  readonly symmetry?: readonly (readonly string[])[];
  readonly limits?: Limits;
}
