/**
 * What a running machine's effects are replaced by: an action, or a child, that tells of itself and
 * does nothing else.
 */
import { StateMachine } from 'xstate';
import type {
  ActorLogic,
  AnyActorLogic,
  AnyActorRef,
  AnyEventObject,
  AnyStateMachine,
  InspectionEvent,
  Snapshot,
} from 'xstate';
import { InterplexError } from '../errors.ts';
import type { Effect } from './effects.ts';
import type { AnyModelEnvironment } from './model-actor.ts';

/** A machine made ready to run, and its world. */
export interface Played {
  readonly machine: AnyStateMachine;
  readonly environment: AnyModelEnvironment;
  /** The actions that tell instead of acting. */
  readonly actions: ReadonlySet<string>;
}

/** Who performed it, and, where that is not the machine itself, the child by which it did. */
export type Tell = (performed: Performed) => void;
export interface Performed {
  readonly played: Played;
  readonly owner: AnyActorRef;
  readonly by?: AnyActorRef;
  readonly effect: Effect;
}

/** The end of a stand-in, as the trace has it. */
const standInEnd = 'interplex.end';
interface Ending extends AnyEventObject {
  readonly snapshot: Partial<Snapshot<unknown>>;
}

export class StandIns {
  readonly #children: Readonly<Record<string, AnyModelEnvironment>>;
  readonly #tell: Tell;
  readonly #played = new WeakMap<AnyActorLogic, Played>();
  readonly #standIns = new WeakSet<AnyActorLogic>();

  constructor(children: Readonly<Record<string, AnyModelEnvironment>>, tell: Tell) {
    this.#children = children;
    this.#tell = tell;
  }

  /** The machine with its named effects replaced, and its children's. */
  provided(machine: AnyStateMachine, environment: AnyModelEnvironment): AnyStateMachine {
    const names = Object.keys(environment.effects ?? {});
    const { actions, actors } = machine.implementations;
    const told = names.filter((name) => !isBuiltIn(actions[name]));
    const nameless = inlineActionsOf(machine.root);
    const actionNames = told.filter((name) => !nameless.includes(name));
    const played = { machine, environment, actions: new Set(actionNames) };
    const children = Object.entries(actors as Record<string, AnyActorLogic>).map(
      ([name, logic]) => [name, this.#childOf(played, name, logic)] as const,
    );
    const running = machine.provide({
      actions: Object.fromEntries(told.map((name) => [name, this.#action(played, name)])),
      actors: Object.fromEntries(children),
    });
    this.#played.set(running, played);
    return running;
  }

  isStandIn(actor: AnyActorRef): boolean {
    return this.#standIns.has(logicOf(actor));
  }

  /** Throws, before it is done, at what could not be replaced. */
  guard(event: InspectionEvent): void {
    const actor = event.actorRef as AnyActorRef;
    if (event.type === '@xstate.actor') this.#guardChild(actor);
    else if (event.type === '@xstate.action') this.#guardAction(actor, event.action.type);
  }

  #guardChild(actor: AnyActorRef): void {
    const logic = logicOf(actor);
    if (logic instanceof StateMachine || this.isStandIn(actor)) return;
    throw unrunnable(`it starts "${actor.id}", whose logic is not set up by a name`);
  }

  #guardAction(actor: AnyActorRef, name: string): void {
    const played = this.#played.get(logicOf(actor));
    if (name.startsWith('xstate.') || played?.actions.has(name)) return;
    throw unrunnable(`its action "${name}" is not set up by a name`);
  }

  #childOf(played: Played, name: string, logic: AnyActorLogic): AnyActorLogic {
    if (Object.hasOwn(played.environment.effects ?? {}, name)) return this.#standIn(played, name);
    if (!(logic instanceof StateMachine)) return logic;
    return this.provided(logic as AnyStateMachine, this.#children[name] ?? {});
  }

  #action(played: Played, name: string) {
    return ({ self, context }: { self: AnyActorRef; context: unknown }, params: unknown) =>
      this.#tell({ played, owner: self, effect: { type: 'action', name, params, context } });
  }

  /** It is told its parent's context as it is once the parent's step has ended. */
  #standIn(played: Played, source: string): AnyActorLogic {
    const tell = (self: AnyActorRef, effectOf: (context: unknown) => Effect) => {
      const owner = self._parent!;
      const { context } = owner.getSnapshot() as { context: unknown };
      this.#tell({ played, owner, by: self, effect: effectOf(context) });
    };
    const logic: ActorLogic<Standing, AnyEventObject, unknown> = {
      getInitialSnapshot: (_, input) => ({
        status: 'active',
        output: undefined,
        error: undefined,
        input,
      }),
      getPersistedSnapshot: (snapshot) => snapshot,
      start: ({ input }, { self }) => {
        const child = { child: self.id, source, input, logic };
        tell(self, (context) => ({ type: 'spawn', ...child, context }));
      },
      transition: (snapshot, event, { self }) => {
        if (event.type === standInEnd)
          return { ...snapshot, ...(event as Ending).snapshot } as Standing;
        if (event.type === 'xstate.stop') return { ...snapshot, status: 'stopped' } as Standing;
        tell(self, (context) => ({ type: 'send', to: self.id, toChild: true, event, context }));
        return snapshot;
      },
    };
    this.#standIns.add(logic);
    return logic;
  }
}

type Standing = Snapshot<unknown> & { readonly input: unknown };

/** Has a stand-in end as the event says, so that XState tells its parent. */
export function end(standIn: AnyActorRef, { type, output, error }: AnyEventObject): void {
  const snapshot = type.startsWith('xstate.done.')
    ? { status: 'done', output: output as unknown }
    : { status: 'error', error: error as unknown };
  standIn.send({ type: standInEnd, snapshot });
}

export const unrunnable = (reason: string): InterplexError =>
  new InterplexError('IPX_CHECK_UNRUNNABLE', reason);

/** The names, of whatever use, of actions that are written where they are performed. */
function inlineActionsOf(node: AnyStateMachine['root']): string[] {
  const transitions = [...Array.from(node.transitions.values()).flat(), ...(node.always ?? [])];
  const onTheWay = [...transitions, node.initial].flatMap(
    (transition) => transition?.actions ?? [],
  );
  const names = [...node.entry, ...node.exit, ...onTheWay].flatMap((action) =>
    typeof action === 'function' && !isBuiltIn(action) ? [action.name || '(anonymous)'] : [],
  );
  return [...names, ...Object.values(node.states).flatMap(inlineActionsOf)];
}

const logicOf = (actor: AnyActorRef) => (actor as { logic?: AnyActorLogic }).logic!;
const isBuiltIn = (action: unknown) => typeof action === 'function' && 'resolve' in action;
