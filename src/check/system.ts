/**
 * A model made ready to be stepped. A state of it is a row: the site of each actor, in their order,
 * and, where something may go wrong only so often, how often it has.
 */
import { inertActor } from './capture.ts';
import type { AnyActorRef, AnyStateMachine } from 'xstate';
import { InterplexError } from '../errors.ts';
import { Cells } from './cells.ts';
import { CoverageCount } from './coverage.ts';
import type { Coverage } from './coverage.ts';
import { Envelopes } from './envelopes.ts';
import { roleOf } from './family.ts';
import type { Family } from './family.ts';
import { InboxRules } from './inbox.ts';
import { Locals } from './locals.ts';
import type { Model } from './model.ts';
import type { ActorOf, AnyActors, ModelActor } from './model-actor.ts';
import { requireNumbers } from './model-numbers.ts';
import { Sites } from './sites.ts';
import type { Cost, Move } from './move.ts';
import type { Turns } from './turns.ts';
import type { SystemState } from './system-state.ts';

export type Visit = (next: Int32Array, move: Move) => void;

export interface Cursor<Actors extends AnyActors = AnyActors> {
  /** What was shown last. */
  readonly state: SystemState<Actors>;
  show(row: Int32Array): void;
}

export class System<Actors extends AnyActors = AnyActors> {
  readonly model: Model<Actors>;
  readonly names: readonly string[];
  readonly locals: readonly Locals[];
  readonly sites: readonly Sites[];
  readonly envelopes: Envelopes;
  readonly width: number;
  readonly rules: InboxRules;
  readonly #crashesMax: number;
  readonly #lossesMax: number;
  readonly #next: Int32Array;
  readonly #coverage = new Map<AnyStateMachine, CoverageCount>();
  readonly #fairNumbers = new Map<string, number>();
  /** The envelopes by which a node's first actor takes the others down with it. */
  readonly #fatal = new Set<number>();
  /** None where there are no cells. */
  readonly #cells: Cells | undefined;
  readonly #references = new Map<string, AnyActorRef>();

  constructor(model: Model<Actors>, turns?: Turns) {
    requireNumbers(model as Model<AnyActors>);
    this.model = model;
    this.names = Object.keys(model.actors);
    this.envelopes = new Envelopes(this.names);
    const { network = {}, crashes, cells = [] } = model;
    this.#crashesMax = crashes?.atMost ?? 0;
    this.#lossesMax = typeof network.loss === 'number' ? network.loss : 0;
    const isCounted = this.#crashesMax > 0 || this.#lossesMax > 0;
    this.width = this.names.length + (isCounted ? 1 : 0);
    this.#next = new Int32Array(this.width);
    this.#requireNames();
    this.locals = this.names.map((name) => this.#localsOf(name, model.actors[name]!));
    this.rules = new InboxRules(network, this.envelopes, (way) => this.#isSure(way));
    const isCell = this.names.map((name) => cells.includes(name));
    this.#cells = cells.length > 0 ? new Cells(isCell, this.envelopes) : undefined;
    this.sites = this.locals.map((locals, index) => {
      const name = this.names[index]!;
      return new Sites({
        name,
        locals,
        envelopes: this.envelopes,
        rules: this.rules,
        crashes: this.#crashesMax > 0 && !isCell[index] ? crashes : undefined,
        notices: () => this.#noticesOf(name),
        crashesNode: this.#roleInCrash(name),
        isFatal: (envelope) => this.#fatal.has(envelope),
        isLossCounted: typeof network.loss === 'number',
        fairNumberOf: (label) => numberIn(this.#fairNumbers, label),
        take: (call) => {
          if (turns) turns.take(this.sites, index, call);
          else this.sites[index]!.perform(call);
        },
      });
    });
  }

  /** How many fair steps are told apart so far. */
  get fairCount(): number {
    return this.#fairNumbers.size;
  }

  start(): Int32Array {
    const row = new Int32Array(this.width);
    const starts = this.locals.map((locals) => locals.start());
    for (const [index, { local }] of starts.entries()) {
      row[index] = this.sites[index]!.numberOf(local, []);
    }
    for (const { sends } of starts) this.#send(row, sends);
    return row;
  }

  /** Every step from a row; what is visited is valid until the visit returns. */
  expand(row: Int32Array, visit: Visit): void {
    const next = this.#next;
    next.set(row);
    const count = this.sites.length;
    for (let index = 0; index < count; index++) {
      const sites = this.sites[index]!;
      const site = row[index]!;
      const moves = sites.moves[site] ?? sites.movesOf(site);
      for (let at = 0; at < moves.length; at++) {
        const move = moves[at]!;
        if (move.cost !== 'none' && !this.#spend(next, move.cost)) continue;
        next[index] = move.next;
        this.#send(next, move.sends);
        visit(next, move);
        if (this.#cells) {
          next.set(row); // What a cell answers may have reached anybody.
          continue;
        }
        next[index] = site;
        this.#unsend(next, row, move.sends);
        if (move.cost !== 'none') next[this.width - 1] = row[this.width - 1]!;
      }
    }
  }

  /** Whether every actor has come to its end, or has crashed. */
  isOver(row: Int32Array): boolean {
    return this.locals.every((locals, index) => {
      const local = this.#localAt(row, index);
      return local === Locals.down || locals.isDone(local);
    });
  }

  /** A view of whatever row was last given to `show`: what differs from the one before is set. */
  cursor(): Cursor<Actors> {
    const { names, sites, locals, envelopes } = this;
    const shown = new Int32Array(names.length).fill(-1);
    const actors: Record<string, unknown> = {};
    const state = {
      actors: actors as SystemState<Actors>['actors'],
      get messages() {
        const inFlight = sites.flatMap((each, index) => each.inboxOf(shown[index]!));
        return inFlight.map((envelope) => envelopes.at(envelope));
      },
    };
    const show = (row: Int32Array) => {
      for (let index = 0; index < names.length; index++) {
        const site = row[index]!;
        if (site === shown[index]) continue;
        shown[index] = site;
        actors[names[index]!] = locals[index]!.view(sites[index]!.localOf(site));
      }
    };
    return { state, show };
  }

  stateOf(row: Int32Array): SystemState<Actors> {
    const cursor = this.cursor();
    cursor.show(row);
    return cursor.state;
  }

  /** By the id of the machine; a second of that id is numbered. */
  coverage(): Readonly<Record<string, Coverage>> {
    const coverage: Record<string, Coverage> = {};
    for (const [machine, count] of this.#coverage) {
      const { id } = machine;
      const others = Array.from(this.#coverage.keys()).filter((other) => other.id === id);
      const number = others.indexOf(machine) + 1;
      coverage[number === 1 ? id : `${id} (${number})`] = count.of(machine);
    }
    return coverage;
  }

  #localAt(row: Int32Array, index: number): number {
    return this.sites[index]!.localOf(row[index]!);
  }

  #send(row: Int32Array, sends: readonly number[]): void {
    if (this.#cells) {
      this.#cells.send(row, this.sites, sends);
      return;
    }
    const { receivers } = this.envelopes;
    for (let at = 0; at < sends.length; at++) {
      const envelope = sends[at]!;
      const to = receivers[envelope]!;
      row[to] = this.sites[to]!.add(row[to]!, envelope);
    }
  }

  #unsend(row: Int32Array, before: Int32Array, sends: readonly number[]): void {
    const { receivers } = this.envelopes;
    for (let at = 0; at < sends.length; at++) {
      const to = receivers[sends[at]!]!;
      row[to] = before[to]!;
    }
  }

  /** The last number of a row counts crashes and, above them, losses. */
  #spend(row: Int32Array, cost: Cost): boolean {
    const spent = row[this.width - 1]!;
    const base = this.#crashesMax + 1;
    const isCrash = cost === 'crash';
    const isLeft = isCrash
      ? spent % base < this.#crashesMax
      : Math.floor(spent / base) < this.#lossesMax;
    if (isLeft) row[this.width - 1] = spent + (isCrash ? 1 : base);
    return isLeft;
  }

  #localsOf(name: string, played: ModelActor): Locals {
    const { machine, input, environment, children, parent, beginsAt } = played;
    const peers = (systemId: string) => this.#references.get(systemId);
    const family: Family = {
      name,
      role: roleOf(machine, environment ?? {}, peers, peers(name)),
      children: children ?? {},
      parent,
      peers,
      isDeclared: (other) => this.#references.has(other),
      onStep: (role, captured) => {
        const count = this.#coverage.get(role.machine) ?? new CoverageCount();
        this.#coverage.set(role.machine, count);
        count.add(captured);
      },
    };
    const given: unknown =
      typeof input === 'function' ? (input as (of: ActorOf) => unknown)(this.#actorOf) : input;
    const { envelopes, model } = this;
    const timers = model.timers ?? 'whenever';
    return new Locals({ family, input: given, envelopes, timers, beginsAt });
  }

  readonly #actorOf: ActorOf = (name) => {
    const reference = this.#references.get(name);
    if (reference) return reference;
    throw new InterplexError('IPX_OPTION_INVALID', `"${name}" is no actor of the model.`);
  };

  #nodeOf(name: string): readonly string[] {
    return this.model.nodes?.find((node) => node.includes(name)) ?? [name];
  }

  #isSure({ from, to }: { readonly from: string; readonly to: string }): boolean {
    const { sureOf = [] } = this.model.network ?? {};
    const isNear = from !== to && this.#nodeOf(from).includes(to);
    return isNear || sureOf.includes(from) || sureOf.includes(to);
  }

  #roleInCrash(name: string): 'alone' | 'with others' | 'with the first' {
    const node = this.#nodeOf(name);
    if (node[0] !== name) return 'with the first';
    return node.length === 1 ? 'alone' : 'with others';
  }

  #noticesOf(crashed: string): number[] {
    const others = this.#nodeOf(crashed).filter((name) => name !== crashed);
    const fatal = others.map((to) =>
      this.envelopes.numberOf({ from: crashed, to, event: { type: 'interplex.crash' } }),
    );
    for (const envelope of fatal) this.#fatal.add(envelope);
    const messages = this.model.crashes?.told?.(crashed) ?? [];
    const notices = messages.map(({ to, event }) => {
      this.#actorOf(to);
      return this.envelopes.numberOf({ from: crashed, to, event });
    });
    return [...fatal, ...notices];
  }

  #requireNames(): void {
    for (const name of this.names) {
      this.#references.set(name, inertActor(name));
    }
    if (this.names.length === 0) {
      throw new InterplexError('IPX_OPTION_INVALID', 'A model needs an actor.');
    }
    const { actors, crashes, network, nodes = [], symmetry = [], cells = [] } = this.model;
    const parents = Object.values(actors).flatMap(({ parent }) => parent ?? []);
    const groups = [...nodes.flat(), ...symmetry.flat(), ...(network?.sureOf ?? []), ...cells];
    for (const name of [...parents, ...(crashes?.actors ?? []), ...groups]) {
      this.#actorOf(name);
    }
  }
}

function numberIn(numbers: Map<string, number>, text: string): number {
  const known = numbers.get(text) ?? numbers.size;
  numbers.set(text, known);
  return known;
}
