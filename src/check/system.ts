/**
 * A model made ready to be stepped. A state of it is a row: the site of each actor, in their order,
 * and, where something may go wrong only so often, how often it has.
 */
import { createActor, fromTransition } from 'xstate';
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
import type { ActorOf, AnyActors, Model, ModelActor } from './model.ts';
import { Sites } from './sites.ts';
import type { Cost, Move } from './sites.ts';
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
  readonly isOrdered: boolean;
  readonly #crashesMax: number;
  readonly #lossesMax: number;
  readonly #next: Int32Array;
  readonly #coverage = new Map<AnyStateMachine, CoverageCount>();
  readonly #fairNumbers = new Map<string, number>();
  /** None where there are no cells. */
  readonly #cells: Cells | undefined;
  readonly #references = new Map<string, AnyActorRef>();

  constructor(model: Model<Actors>) {
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
    const isCell = this.names.map((name) => cells.includes(name));
    this.#cells = cells.length > 0 ? new Cells(isCell, this.envelopes) : undefined;
    const rules = new InboxRules(network, this.envelopes);
    this.isOrdered = rules.isOrdered;
    this.sites = this.locals.map((locals, index) => {
      const name = this.names[index]!;
      return new Sites({
        name,
        locals,
        envelopes: this.envelopes,
        rules,
        crashes: this.#crashesMax > 0 && !isCell[index] ? crashes : undefined,
        notices: () => this.#noticesOf(name),
        isLossCounted: typeof network.loss === 'number',
        fairNumberOf: (label) => numberIn(this.#fairNumbers, label),
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
        next.set(row);
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

  /** A view of whatever row was last given to `show`. */
  cursor(): Cursor<Actors> {
    let shown = new Int32Array(this.width);
    const actors = Object.defineProperties(
      {},
      Object.fromEntries(
        this.names.map((name, index) => {
          const get = () => this.locals[index]!.view(this.#localAt(shown, index));
          return [name, { enumerable: true, get }];
        }),
      ),
    ) as SystemState<Actors>['actors'];
    const messagesOf = () => this.sites.flatMap((sites, index) => sites.inboxOf(shown[index]!));
    const { envelopes } = this;
    const state: SystemState<Actors> = {
      actors,
      get messages() {
        return messagesOf().map((envelope) => envelopes.at(envelope));
      },
    };
    return { state, show: (row) => void (shown = row as typeof shown) };
  }

  stateOf(row: Int32Array): SystemState<Actors> {
    const cursor = this.cursor();
    cursor.show(Int32Array.from(row));
    return cursor.state;
  }

  /** By the id of the machine. */
  coverage(): Readonly<Record<string, Coverage>> {
    const parts = Array.from(this.#coverage, ([machine, count]) => [machine.id, count.of(machine)]);
    return Object.fromEntries(parts) as Record<string, Coverage>;
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

  #localsOf(name: string, { machine, input, environment, children, parent }: ModelActor): Locals {
    const peers = (systemId: string) => this.#references.get(systemId);
    const family: Family = {
      name,
      role: roleOf(machine, environment ?? {}, peers),
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
    return new Locals({ family, input: given, envelopes, timers: model.timers ?? 'whenever' });
  }

  readonly #actorOf: ActorOf = (name) => {
    const reference = this.#references.get(name);
    if (reference) return reference;
    throw new InterplexError('IPX_OPTION_INVALID', `"${name}" is no actor of the model.`);
  };

  #noticesOf(crashed: string): number[] {
    const messages = this.model.crashes?.told?.(crashed) ?? [];
    return messages.map(({ to, event }) => {
      this.#actorOf(to);
      return this.envelopes.numberOf({ from: crashed, to, event });
    });
  }

  #requireNames(): void {
    const nothing = fromTransition(() => undefined, undefined);
    for (const name of this.names) {
      this.#references.set(name, createActor(nothing, { id: name }));
    }
    if (this.names.length === 0) {
      throw new InterplexError('IPX_OPTION_INVALID', 'A model needs an actor.');
    }
    const { actors, crashes, symmetry = [], cells = [] } = this.model;
    const parents = Object.values(actors).flatMap(({ parent }) => parent ?? []);
    for (const name of [...parents, ...(crashes?.actors ?? []), ...cells, ...symmetry.flat()]) {
      this.#actorOf(name);
    }
  }
}

function numberIn(numbers: Map<string, number>, text: string): number {
  const known = numbers.get(text) ?? numbers.size;
  numbers.set(text, known);
  return known;
}
