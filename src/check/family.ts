/**
 * An actor of a model with its children: one local state. What passes between them is done to the
 * end within a step, in XState's order, as in the thread in which they run together.
 */
import type { AnyActorLogic, AnyActorRef, AnyEventObject, AnyStateMachine } from 'xstate';
import { StateMachine } from 'xstate';
import type { AnyModelEnvironment, Message } from './model-actor.ts';
import { changed, changesBy, childrenAfter, endedBy } from './answers.ts';
import type { EnvironmentOf, Outstanding } from './answers.ts';
import { captureOf } from './capture.ts';
import type { Capture, Captured, Peers } from './capture.ts';
import type { Effect } from './effects.ts';
import { ownOf, timersAfter } from './state.ts';
import type { Own } from './state.ts';

/** A machine as it is played: with its world. */
export interface Role {
  readonly machine: AnyStateMachine;
  readonly environment: AnyModelEnvironment;
  readonly capture: Capture;
}

/** An answer that a member of the family waits for. */
export interface Pending extends Outstanding {
  readonly path: string;
}
export interface Member {
  readonly role: Role;
  readonly own: Own;
}
export interface Local {
  /** By path: '' is the declared actor, `a/b` the child b of its child a. */
  readonly members: ReadonlyMap<string, Member>;
  readonly pending: readonly Pending[];
}

export interface Family {
  readonly name: string;
  readonly role: Role;
  readonly children: Readonly<Record<string, AnyModelEnvironment>>;
  readonly parent: string | undefined;
  readonly peers: Peers;
  isDeclared(name: string): boolean;
  onStep(role: Role, captured: Captured): void;
}

/** A send that waits for its time; the sender, not the receiver, has the timer. */
export const delayedSend = 'interplex.send';

/** What a family becomes, and what it sends to others, in order. */
export interface Reaction {
  readonly local: Local;
  readonly sends: readonly Message[];
}

export const roleOf = (
  machine: AnyStateMachine,
  environment: AnyModelEnvironment,
  peers: Peers,
  self?: AnyActorRef,
): Role => ({ machine, environment, capture: captureOf(machine, peers, self) });

export const start = (family: Family, input: unknown): Reaction => {
  const step = new FamilyStep(family, { members: new Map(), pending: [] });
  step.start('', family.role, input);
  return step.reaction();
};

export const receive = (
  family: Family,
  local: Local,
  { path, event }: { readonly path: string; readonly event: AnyEventObject },
): Reaction => {
  const step = new FamilyStep(family, local);
  step.deliver(path, event);
  return step.reaction();
};

const childPath = (path: string, child: string) => (path === '' ? child : `${path}/${child}`);
const childRoles = new WeakMap<Family, Map<AnyActorLogic, Role>>();

class FamilyStep {
  readonly #family: Family;
  readonly #members: Map<string, Member>;
  readonly #mailboxes = new Map<string, AnyEventObject[]>();
  readonly #sends: Message[] = [];
  #pending: readonly Pending[];

  constructor(family: Family, { members, pending }: Local) {
    this.#family = family;
    this.#members = new Map(members);
    this.#pending = pending;
  }

  reaction(): Reaction {
    return { local: { members: this.#members, pending: this.#pending }, sends: this.#sends };
  }

  start(path: string, role: Role, input: unknown): void {
    this.#busy(path, () => this.#settle(path, role, role.capture.start(input)));
  }

  /** At once; after the step where it is sent to one that is busy. */
  deliver(path: string, event: AnyEventObject): void {
    const mailbox = this.#mailboxes.get(path);
    if (mailbox) mailbox.push(event);
    else this.#busy(path, () => this.#step(path, event));
  }

  #busy(path: string, act: () => void): void {
    const mailbox: AnyEventObject[] = [];
    this.#mailboxes.set(path, mailbox);
    act();
    for (const event of mailbox) this.#step(path, event);
    this.#mailboxes.delete(path);
  }

  #step(path: string, event: AnyEventObject): void {
    const member = this.#members.get(path);
    if (member?.own.snapshot.status !== 'active') return;
    const { role, own } = member;
    if (event.type === delayedSend) this.#sendLater(path, member, event);
    else this.#settle(path, role, role.capture.step(own.snapshot, event), event);
  }

  #settle(path: string, role: Role, captured: Captured, event?: AnyEventObject): void {
    this.#family.onStep(role, captured);
    const { snapshot, effects } = captured;
    const before = this.#members.get(path)?.own;
    const ended = event && endedBy(event);
    const living = new Map(before?.children);
    if (ended !== undefined) {
      living.delete(ended);
      this.#forget(path, ended);
    }
    const children = childrenAfter(role.machine, living, effects);
    const timers = timersAfter(before?.timers ?? new Map(), event, effects.flatMap(asTimer));
    const isOver = snapshot.status !== 'active';
    const own = isOver ? ownOf(snapshot, new Map(), new Map()) : ownOf(snapshot, children, timers);
    this.#members.set(path, { role, own });
    for (const effect of effects) this.#perform(path, role, { effect, children });
    if (isOver) this.#end(path, { role, own });
  }

  #perform(path: string, role: Role, { effect, children }: Performed): void {
    if (effect.type === 'send' && effect.timer !== undefined) return;
    if (effect.type === 'arm' && effect.isDue) this.deliver(path, effect.event);
    if (effect.type === 'send' && this.#isPassedOn(path, effect)) return;
    if (effect.type === 'stop') this.#forget(path, effect.child);
    const child = effect.type === 'spawn' ? this.#childRole(role, effect) : undefined;
    if (child && effect.type === 'spawn') {
      this.start(childPath(path, effect.child), child, effect.input);
      return;
    }
    const { environment } = role;
    const answering = answeringBy(environment, (message) => this.#sendTo(message));
    const changes = changesBy(role.machine, answering, children, [effect]);
    const mine = this.#pending.filter((pending) => pending.path === path);
    const others = this.#pending.filter((pending) => pending.path !== path);
    const now = changed(mine, changes).map((pending) => ({ path, ...pending }));
    this.#pending = [...others, ...now];
  }

  /** True where the send reached, or was lost on, another than a child that is a choice. */
  #isPassedOn(path: string, { to, toChild, event }: Send): boolean {
    if (to === 'parent') {
      const { parent } = this.#family;
      if (path !== '') this.deliver(path.split('/').slice(0, -1).join('/'), event);
      else if (parent === undefined) throw new Error(`It sends "${event.type}" to no parent.`);
      else this.#sendTo({ to: parent, event });
      return true;
    }
    const own = childPath(path, to);
    if (this.#members.has(own)) {
      this.deliver(own, event);
      return true;
    }
    if (toChild) return this.#members.get(path)?.own.children.has(to) !== true;
    this.#sendTo({ to, event });
    return true;
  }

  #sendLater(path: string, { role, own }: Member, fired: AnyEventObject): void {
    const timers = timersAfter(own.timers, fired, []);
    this.#members.set(path, { role, own: ownOf(own.snapshot, own.children, timers) });
    const effect = fired.send as Send;
    this.#perform(path, role, { effect, children: own.children });
  }

  #sendTo({ to, event }: Message): void {
    if (!this.#family.isDeclared(to)) {
      throw new Error(`It sends "${event.type}" to "${to}", which is no actor of the model.`);
    }
    this.#sends.push({ to, event });
  }

  /** A child is run where it is a machine and the world of its parent does not answer for it. */
  #childRole({ environment, machine }: Role, { source, logic }: Spawn): Role | undefined {
    if (Object.hasOwn(environment.effects ?? {}, source)) return undefined;
    if (!(logic instanceof StateMachine)) return undefined;
    const roles = childRoles.get(this.#family) ?? new Map<AnyActorLogic, Role>();
    childRoles.set(this.#family, roles);
    const played = machine.implementations.actors[source] ?? logic;
    const known = roles.get(played as AnyActorLogic);
    if (known) return known;
    const { children, peers } = this.#family;
    const role = roleOf(logic as AnyStateMachine, children[source] ?? {}, peers);
    roles.set(played as AnyActorLogic, role);
    return role;
  }

  /** A child that is gone takes its children and its answers with it. */
  #forget(path: string, child: string): void {
    const gone = childPath(path, child);
    const isGone = (other: string) => other === gone || other.startsWith(`${gone}/`);
    for (const other of this.#members.keys()) if (isGone(other)) this.#members.delete(other);
    this.#pending = this.#pending.filter(
      (pending) => !isGone(pending.path) && !(pending.path === path && pending.child === child),
    );
  }

  #end(path: string, { own }: Member): void {
    const isBelow = (other: string) => path === '' || other.startsWith(`${path}/`);
    this.#pending = this.#pending.filter((pending) => pending.path !== path);
    for (const other of this.#members.keys()) {
      if (other !== path && isBelow(other)) this.#members.delete(other);
    }
    this.#pending = this.#pending.filter((pending) => this.#members.has(pending.path));
    if (path === '') return;
    const actorId = path.slice(path.lastIndexOf('/') + 1);
    const { status, error } = own.snapshot;
    const output: unknown = own.snapshot.output;
    const end =
      status === 'error'
        ? { type: `xstate.error.actor.${actorId}`, error, actorId }
        : { type: `xstate.done.actor.${actorId}`, output, actorId };
    this.deliver(path.slice(0, Math.max(0, path.lastIndexOf('/'))), end);
  }
}

/** The effects without their messages: those are sent. */
export function answeringBy(
  { effects = {}, silences = {} }: AnyModelEnvironment,
  send: (message: Message) => void,
): EnvironmentOf<AnyStateMachine> {
  const answers = Object.entries(effects).map(([name, answer]) => {
    const alternatives = (told: never) =>
      answer(told).flatMap((outcome) => {
        if (!('to' in outcome) || !('event' in outcome)) return [outcome];
        send(outcome as Message);
        return [];
      });
    return [name, alternatives] as const;
  });
  return { effects: Object.fromEntries(answers), silences, unasked: [] };
}

type Send = Extract<Effect, { type: 'send' }>;
type Spawn = Extract<Effect, { type: 'spawn' }>;
interface Performed {
  readonly effect: Effect;
  readonly children: Own['children'];
}

/** What arms or disarms a timer, a send of a later time among it. */
function asTimer(effect: Effect): Effect[] {
  if (effect.type === 'arm' && effect.isDue) return [];
  if (effect.type !== 'send' || effect.timer === undefined) return [effect];
  const event = { type: delayedSend, send: withoutTimer(effect) };
  return [{ type: 'arm', timer: effect.timer, event }];
}

/** A fresh object that compares by what is sent. */
function withoutTimer({ to, toChild, event, context }: Send): Send {
  return { type: 'send', to, toChild, event, context };
}
