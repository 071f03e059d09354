/**
 * Steps of one machine, taken purely: what it would do is recorded and never done. After
 * stateright, whose actors record effects instead of performing them.
 */
import { createActor, fromTransition } from 'xstate';
import type {
  Actor,
  ActorScope,
  AnyActorLogic,
  AnyActorRef,
  AnyActorScope,
  AnyEventObject,
  AnyMachineSnapshot,
  AnyStateMachine,
  AnyTransitionDefinition,
  InspectedMicrostepEvent,
} from 'xstate';
import { InterplexError, sentenceOf } from '../errors.ts';
import { inOrder, inserted } from './effects.ts';
import type { Effect } from './effects.ts';

export interface Captured {
  readonly snapshot: AnyMachineSnapshot;
  readonly effects: readonly Effect[];
  /** In the order taken, those of transient states among them. */
  readonly transitions: readonly AnyTransitionDefinition[];
}

export interface Capture {
  start(input: unknown): Captured;
  step(snapshot: AnyMachineSnapshot, event: AnyEventObject): Captured;
}

type ExecutableAction = Parameters<
  ActorScope<AnyMachineSnapshot, AnyEventObject>['actionExecutor']
>[0];

/** Who else there is: the actor of a `systemId` that is no child's. */
export type Peers = (systemId: string) => AnyActorRef | undefined;

const nothing = fromTransition(() => undefined, undefined);

/** An actor that does nothing and has a parent: what a machine is told that it is. */
export const inertActor = (id: string): AnyActorRef =>
  createActor(nothing, { id, parent: createActor(nothing, { id: 'parent' }) });

/**
 * Prepares the stepping of one machine; its one scope, which does nothing, serves every step. By
 * `self` others know it.
 */
export function captureOf(
  machine: AnyStateMachine,
  peers: Peers = () => undefined,
  self = inertActor(machine.id),
): Capture {
  let effects: Effect[] = [];
  let transitions: AnyTransitionDefinition[] = [];
  let children: Readonly<Record<string, AnyActorRef | undefined>> = {};
  let born = new Map<string, AnyActorRef>();
  let births: number[] = []; // by child that an `assign` spawns, the effects before it
  let missed: string | undefined;
  const scope = inertScopeOf(self, {
    actorOf: (name) => {
      const living = Object.values(children).find((child) => child && systemIdOf(child) === name);
      const found = living ?? born.get(name) ?? peers(name);
      if (found === undefined) missed = name;
      return found;
    },
    onBirth: (name, actor) => void born.set(name, actor),
    onDeferred: () => void births.push(effects.length),
    onMicrostep: (step) => transitions.push(...step._transitions),
    onAction: (action) => {
      effects.push(...effectsOf(action, scope.self, missed));
      missed = undefined;
    },
  });
  const take = (at: string, act: () => AnyMachineSnapshot): Captured => {
    effects = [];
    transitions = [];
    born = new Map();
    births = [];
    missed = undefined;
    const snapshot = guarded(machine, at, act);
    const all = inserted(effects, spawnedUnseen(snapshot, children, effects), births);
    return { snapshot, effects: inOrder(all), transitions };
  };
  return {
    start: (input) =>
      take('its start', () => {
        children = {};
        return firstSnapshotOf(machine, scope, input);
      }),
    step: (snapshot, event) =>
      take(`"${event.type}" in ${JSON.stringify(snapshot.value)}`, () => {
        children = snapshot.children as typeof children;
        return machine.transition(snapshot, event, scope);
      }),
  };
}

/** XState answers a throw in the first step by a failed snapshot, in later ones by throwing. */
function firstSnapshotOf(machine: AnyStateMachine, scope: AnyActorScope, input: unknown) {
  const snapshot: AnyMachineSnapshot = machine.getInitialSnapshot(scope, input);
  if (snapshot.status === 'error') throw snapshot.error;
  return snapshot;
}

/** In a running actor this throw would end it, its sockets and timers unattended. */
function guarded(machine: AnyStateMachine, at: string, act: () => AnyMachineSnapshot) {
  try {
    return act();
  } catch (cause) {
    const reason = sentenceOf(cause);
    throw new InterplexError('IPX_CHECK_STEP', `${machine.id} throws at ${at}: ${reason}`, {
      cause,
    });
  }
}

/** The children that an `assign` spawned: no action tells of them. */
function spawnedUnseen(
  { children, context }: AnyMachineSnapshot,
  before: Readonly<Record<string, AnyActorRef | undefined>>,
  effects: readonly Effect[],
): Effect[] {
  const known = new Set(effects.map((effect) => (effect.type === 'spawn' ? effect.child : '')));
  return Object.entries(children as typeof before).flatMap(([id, child]): Effect[] => {
    if (child === undefined || known.has(id) || before[id] === child) return [];
    return [{ type: 'spawn', ...childOf(child), context }];
  });
}

interface Watch {
  actorOf(systemId: string): AnyActorRef | undefined;
  onBirth(systemId: string, actor: AnyActorRef): void;
  /** An `assign` has spawned a child, and puts off its start: nothing else is put off here. */
  onDeferred(): void;
  onMicrostep(step: InspectedMicrostepEvent): void;
  onAction(action: ExecutableAction): void;
}

function inertScopeOf(self: AnyActorRef, watch: Watch): AnyActorScope {
  const { system } = self;
  // A system id is taken anew at each walk through the same step, which a real system refuses.
  self.system = Object.assign(Object.create(system) as typeof system, {
    _set: (systemId: string, actor: AnyActorRef) => watch.onBirth(systemId, actor),
    get: (systemId: string) => watch.actorOf(systemId),
  });
  system.inspect((event) => {
    if (event.type === '@xstate.microstep' && event.actorRef === self) watch.onMicrostep(event);
  });
  return {
    self,
    id: self.id,
    sessionId: self.sessionId,
    system: self.system,
    logger: () => {},
    defer: () => watch.onDeferred(),
    emit: () => {},
    stopChild: () => {},
    actionExecutor: (action) => watch.onAction(action),
  };
}

/** `missed` is the system id that was asked for in vain. */
function effectsOf(
  { type, params, info }: ExecutableAction,
  self: AnyActorRef,
  missed: string | undefined,
): Effect[] {
  const context: unknown = info.context;
  switch (type) {
    case 'xstate.spawnChild': {
      const { actorRef } = params as { actorRef?: AnyActorRef };
      if (actorRef === undefined) throw new Error('An actor that it names is not set up.');
      return [{ type: 'spawn', ...childOf(actorRef), context }];
    }
    case 'xstate.stopChild':
      return params === undefined ? [] : [{ type: 'stop', child: (params as AnyActorRef).id }];
    case 'xstate.raise': {
      const { event, id = event.type, delay } = params as Delayed;
      return delay === undefined ? [] : [{ type: 'arm', timer: id, event }];
    }
    case 'xstate.cancel':
      return [{ type: 'disarm', timer: (params as { sendId: string }).sendId }];
    case 'xstate.sendTo': {
      const { to, targetId, event, id = event.type, delay } = params as Delayed & Addressed;
      if (to === self) {
        // XState sends to the machine itself what it sends to nobody.
        if (missed !== undefined)
          throw new Error(`It sends "${event.type}" to "${missed}", which is nobody.`);
        return [{ type: 'arm', timer: id, event, ...(delay === undefined && { isDue: true }) }];
      }
      const name = typeof to === 'string' ? to : to.id;
      const isParent = targetId === '#_parent' || name === 'parent';
      const toChild = typeof to !== 'string' && to._parent === self;
      const addressee = isParent ? 'parent' : (targetId ?? name);
      const later = delay === undefined ? {} : { timer: id };
      return [{ type: 'send', to: addressee, toChild, event, context, ...later }];
    }
    case 'xstate.emit':
      return [{ type: 'emit', event: (params as Delayed).event }];
    default:
      return type.startsWith('xstate.') ? [] : [{ type: 'action', name: type, params, context }];
  }
}

interface Delayed {
  readonly event: AnyEventObject;
  readonly id?: string;
  readonly delay?: number;
}
interface Addressed {
  readonly to: AnyActorRef | string;
  readonly targetId?: string;
}

const systemIdOf = (actor: AnyActorRef) => (actor as { systemId?: string }).systemId;

/** A child's id, its logic by name and itself, and its input. */
function childOf(actor: AnyActorRef) {
  const { src, options, logic } = actor as Actor<AnyActorLogic>;
  if (actor.id === actor.sessionId) throw new Error('It starts a child without an id.');
  const source = typeof src === 'string' ? src : actor.id;
  return { child: actor.id, source, input: options.input as unknown, logic };
}
