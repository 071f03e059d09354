/**
 * Of states that differ by an exchange of interchangeable actors one is explored. Each state has a
 * key: the smallest row of numbers that an exchange of names makes of it, hence the same for all
 * that differ by one. The state that is kept is the one that was found, so a trace needs no
 * renaming. stateright's `symmetry()` sorts by one field instead, which tells some alike apart.
 *
 * To look at all n! exchanges is seldom needed: what an actor is, and what others know of it,
 * without names, orders the actors; only those that are alike are tried in every order, and not
 * even those where an exchange of neighbours changes nothing.
 */
import { InterplexError } from '../errors.ts';
import { fingerprintOf } from './fingerprint.ts';
import type { Naming } from './fingerprint.ts';
import { Locals, textOf } from './locals.ts';
import { combinationsOf, exchangeOf, ordersOf } from './permutations.ts';
import type { Exchange } from './permutations.ts';
import type { Model } from './model.ts';
import type { AnyActors } from './model-actor.ts';
import { claimsOf } from './properties.ts';
import type { System } from './system.ts';

/** By what a state is told from others. */
export type KeyOf = (row: Int32Array) => Int32Array;

export function keyOf(system: System): KeyOf {
  const { symmetry = [], actors, properties } = system.model;
  if (symmetry.length === 0) return (row) => row;
  const [ofRuns] = claimsOf(properties).ofRuns;
  if (ofRuns) {
    const reason = `"${ofRuns.name}" is of whole runs, in which actors that are exchanged would be`;
    throw new InterplexError('IPX_OPTION_INVALID', `${reason} taken for one: leave out symmetry.`);
  }
  if (new Set(symmetry.flat()).size < symmetry.flat().length) throw refused('is in two groups');
  for (const [first, ...others] of symmetry) {
    const odd = others.find((name) => actors[name]!.machine !== actors[first!]!.machine);
    if (odd !== undefined) throw refused(`has another machine than "${first}"`, odd);
  }
  requireEqualPlaces(system.model, symmetry);
  const keys = new Keys(system, symmetry);
  keys.requireSymmetric(system.start());
  return (row) => keys.of(row);
}

const refused = (reason: string, name = 'an actor') =>
  new InterplexError('IPX_OPTION_INVALID', `Symmetry: ${name} ${reason}.`);

/** Neither the network nor a crash may tell them apart. */
function requireEqualPlaces(
  { nodes = [], network, crashes }: Model<AnyActors>,
  groups: readonly (readonly string[])[],
): void {
  const housed = groups.flat().find((name) => nodes.flat().includes(name));
  if (housed !== undefined) throw refused('lives in a node with others', `"${housed}"`);
  for (const list of [network?.sureOf ?? [], crashes?.actors ?? []]) {
    for (const group of groups) {
      const isListed = (name: string) => list.includes(name);
      if (group.every(isListed) || !group.some(isListed)) continue;
      throw refused('alone is listed, for the network or for crashes', `"${group.find(isListed)}"`);
    }
  }
}

const self = '\0self';
const other = '\0other';

class Keys {
  readonly #system: System;
  readonly #groups: readonly (readonly string[])[];
  readonly #indexOf: ReadonlyMap<string, number>;
  readonly #numbers = new Map<string, number>();
  /** By renaming, then actor and site. */
  readonly #renamed = new Map<string, (number[] | undefined)[]>();
  readonly #best: Int32Array;
  readonly #tried: Int32Array;

  constructor(system: System, groups: readonly (readonly string[])[]) {
    this.#system = system;
    this.#groups = groups;
    this.#indexOf = new Map(system.names.map((name, index) => [name, index]));
    this.#best = new Int32Array(system.width);
    this.#tried = new Int32Array(system.width);
  }

  /** The actors must begin alike, or to take one for another is wrong. */
  requireSymmetric(start: Int32Array): void {
    for (const group of this.#groups) {
      for (const [index, name] of group.slice(1).entries()) {
        const before = group[index]!;
        if (this.#isFixed(start, [before, name])) continue;
        throw refused(
          `and "${before}" do not begin alike (a list, say, puts them in order)`,
          `"${name}"`,
        );
      }
    }
  }

  of(row: Int32Array): Int32Array {
    const orders = this.#groups.map((group) => this.#ordersOf(row, group));
    let isFirst = true;
    for (const order of combinationsOf(orders)) {
      this.#rename(row, exchangeOf(order, this.#groups.flat()), this.#tried);
      if (isFirst || isLess(this.#tried, this.#best)) this.#best.set(this.#tried);
      isFirst = false;
    }
    return this.#best;
  }

  /** The orders in which the group's members may stand in the key. */
  #ordersOf(row: Int32Array, group: readonly string[]): string[][] {
    const looks = new Map(group.map((name) => [name, this.#lookOf(row, name, group)]));
    const sorted = group.toSorted((one, two) => looks.get(one)! - looks.get(two)!);
    const alike: string[][] = [];
    for (const name of sorted) {
      const last = alike.at(-1);
      if (last && looks.get(last[0]!) === looks.get(name)) last.push(name);
      else alike.push([name]);
    }
    return combinationsOf(
      alike.map((names) => (this.#isIndifferent(row, names) ? [names] : ordersOf(names))),
    );
  }

  #isIndifferent(row: Int32Array, names: readonly string[]): boolean {
    return names.slice(1).every((name, index) => this.#isFixed(row, [names[index]!, name]));
  }

  /** Whether the exchange of the two leaves the state as it is. */
  #isFixed(row: Int32Array, [one, two]: readonly [string, string]): boolean {
    const swapped = this.#rename(row, exchangeOf([one, two], [two, one]), this.#tried);
    const same = exchangeOf([one, two], [one, two]);
    return swapped.every((number, place) => {
      const name = this.#system.names[place];
      return name === undefined || number === this.#numberOf(place, row[place]!, same);
    });
  }

  /** What an actor is and what others know of it, without the names of any group. */
  #lookOf(row: Int32Array, name: string, group: readonly string[]): number {
    const called = (each: string, of: readonly string[]) => {
      if (of !== group) return `\0${this.#groups.indexOf(of)}`;
      return each === name ? self : other;
    };
    const names: Exchange = new Map(
      this.#groups.flatMap((of) => of.map((each) => [each, called(each, of)] as const)),
    );
    const numbers = this.#system.names.map((_, place) => this.#numberOf(place, row[place]!, names));
    const at = this.#indexOf.get(name)!;
    const single = numbers.filter((_, place) => !names.has(this.#system.names[place]!));
    const grouped = this.#groups.map((of) =>
      of.map((each) => numbers[this.#indexOf.get(each)!]!).toSorted((one, two) => one - two),
    );
    return this.#numberIn([numbers[at], single, ...grouped].join(' '));
  }

  #rename(row: Int32Array, exchange: Exchange, into: Int32Array): Int32Array {
    into.set(row);
    for (const [place, name] of this.#system.names.entries()) {
      const target = this.#indexOf.get(exchange.get(name) ?? name)!;
      into[target] = this.#numberOf(place, row[place]!, exchange);
    }
    return into;
  }

  /** Of a site with its names exchanged; alike ones have one number. */
  #numberOf(place: number, site: number, exchange: Exchange): number {
    const key = Array.from(exchange, (pair) => pair.join()).join(';');
    const places = this.#renamed.get(key) ?? [];
    this.#renamed.set(key, places);
    const numbers = (places[place] ??= []);
    return (numbers[site] ??= this.#numberIn(this.#textOf(place, site, exchange)));
  }

  #textOf(place: number, site: number, exchange: Exchange): string {
    const { sites, locals, envelopes, rules } = this.#system;
    const naming: Naming = (name) => exchange.get(name) ?? name;
    const number = sites[place]!.localOf(site);
    const life = number === Locals.down ? 'down' : textOf(locals[place]!.local(number), naming);
    const queues = new Map<string, string[]>();
    const others: string[] = [];
    for (const envelope of sites[place]!.inboxOf(site)) {
      const { from, event } = envelopes.at(envelope);
      const text = fingerprintOf(event, naming);
      if (rules.isInOrder(envelope)) queues.set(from, [...(queues.get(from) ?? []), text]);
      else others.push(`${naming(from)} ${text}`);
    }
    const lines = Array.from(queues, ([from, queue]) => `${naming(from)}: ${queue.join(' ')}`);
    const inFlight = [...lines, ...others];
    return `${life} ${inFlight.toSorted().join(';')}`;
  }

  #numberIn(text: string): number {
    const number = this.#numbers.get(text) ?? this.#numbers.size;
    this.#numbers.set(text, number);
    return number;
  }
}

function isLess(one: Int32Array, two: Int32Array): boolean {
  for (let place = 0; place < one.length; place++) {
    if (one[place] !== two[place]) return one[place]! < two[place]!;
  }
  return false;
}
