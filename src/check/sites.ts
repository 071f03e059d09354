/**
 * An actor with what is in flight to it, as one small integer: its site. All that it may do next
 * depends on this number alone, and so does what a message to it makes of it.
 */
import { InterplexError } from '../errors.ts';
import type { Envelopes } from './envelopes.ts';
import type { Inbox, InboxRules } from './inbox.ts';
import { Locals } from './locals.ts';
import type { Outcome } from './locals.ts';
import type { Crashes } from './model.ts';
import type { Move } from './move.ts';

/** More is in flight to an actor than may be. */
export class InFlightLimit extends InterplexError {
  constructor(name: string) {
    super('IPX_CHECK_LIMIT', `More is in flight to "${name}" than the network may hold.`);
  }
}

export interface SitesOptions {
  readonly name: string;
  readonly locals: Locals;
  readonly envelopes: Envelopes;
  readonly rules: InboxRules;
  readonly crashes: Crashes | undefined;
  /** The envelopes that tell others of this actor's crash, and those of its node to crash too. */
  readonly notices: () => readonly number[];
  /** Whether it is the one by which its node crashes: alone, or the first of several. */
  readonly crashesNode: 'alone' | 'with others' | 'with the first';
  /** Such an envelope is no message: it takes effect at once. */
  isFatal(envelope: number): boolean;
  readonly isLossCounted: boolean;
  fairNumberOf(label: string): number;
  /** Has `perform` called when it is this call's turn among all that give numbers. */
  readonly take: (call: SiteCall) => void;
}

/**
 * What was asked of a site for the first time, and may give numbers: its moves, the site with one
 * more envelope in flight, or what comes of an envelope that is received at once.
 */
export interface SiteCall {
  readonly kind: 'moves' | 'add' | 'receive';
  readonly site: number;
  readonly envelope: number;
}

interface Site {
  readonly local: number;
  readonly inbox: Inbox;
  /** By the receiver's place of the envelope, the site with that one more. */
  readonly added: Int32Array[];
}

const blockBits = 6;
const blockMask = (1 << blockBits) - 1;

export class Sites {
  readonly #options: SitesOptions;
  readonly #sites: Site[] = [];
  readonly #numbers = new Map<string, number>();
  /** By number; what was asked for is looked up here first. */
  readonly moves: (readonly Move[] | undefined)[] = [];

  constructor(options: SitesOptions) {
    this.#options = options;
  }

  get count(): number {
    return this.#sites.length;
  }

  numberOf(local: number, inbox: Inbox): number {
    const key = `${local} ${inbox.join()}`;
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    const number = this.#sites.length;
    this.#sites.push({ local, inbox, added: [] });
    this.moves.push(undefined);
    this.#numbers.set(key, number);
    return number;
  }

  localOf(number: number): number {
    return this.#sites[number]!.local;
  }
  inboxOf(number: number): Inbox {
    return this.#sites[number]!.inbox;
  }

  add(number: number, envelope: number): number {
    const place = this.#options.envelopes.places[envelope]!;
    const known = this.#sites[number]!.added[place >> blockBits]?.[place & blockMask];
    if (known !== undefined && known >= 0) return known;
    this.#options.take({ kind: 'add', site: number, envelope });
    return this.#sites[number]!.added[place >> blockBits]![place & blockMask]!;
  }

  /** Whether what it names has a number here. */
  knows({ kind, site, envelope }: SiteCall): boolean {
    return (
      site < this.#sites.length && (kind === 'moves' || envelope < this.#options.envelopes.count)
    );
  }

  /** Gives numbers as the call asks; called again, it gives none. */
  perform({ kind, site, envelope }: SiteCall): void {
    if (kind === 'moves') this.moves[site] ??= this.#newMovesOf(site);
    else if (kind === 'add') this.#addNew(site, envelope);
    else this.#receipt(site, envelope);
  }

  #addNew(number: number, envelope: number): void {
    const place = this.#options.envelopes.places[envelope]!;
    const { local, inbox, added } = this.#sites[number]!;
    const next = this.#options.isFatal(envelope)
      ? this.#crashed(local, inbox)
      : this.numberOf(local, this.#inboxWith(envelope, { local, inbox }));
    const block = (added[place >> blockBits] ??= new Int32Array(blockMask + 1).fill(-1));
    block[place & blockMask] = next;
  }

  #inboxWith(envelope: number, { local, inbox }: Pick<Site, 'local' | 'inbox'>): Inbox {
    const { rules, name } = this.#options;
    const isLost = local === Locals.down && !(this.#restarts && !rules.isInOrder(envelope));
    const after = isLost ? inbox : rules.add(inbox, envelope);
    if (after === undefined) throw new InFlightLimit(name);
    return after;
  }

  /** Without order a message may outlast the crash, if there is one for whom it does. */
  #crashed(local: number, inbox: Inbox): number {
    const { locals, rules } = this.#options;
    if (locals.isDone(local)) return this.numberOf(local, inbox);
    return this.numberOf(Locals.down, this.#restarts ? rules.lasting(inbox) : []);
  }

  /**
   * What comes of a message that is received at once; a crashed actor takes no notice. One that
   * ends thereby hears nothing more: neither what is in flight to it.
   */
  receive(number: number, envelope: number): Pick<Move, 'next' | 'sends'> {
    this.#options.take({ kind: 'receive', site: number, envelope });
    return this.#receipt(number, envelope);
  }

  #receipt(number: number, envelope: number): Pick<Move, 'next' | 'sends'> {
    const { local, inbox } = this.#sites[number]!;
    const { locals } = this.#options;
    const outcome = local === Locals.down ? undefined : locals.deliver(local, envelope);
    if (outcome === undefined) return { next: number, sends: [] };
    return this.#moveTo(outcome, locals.isDone(outcome.local) ? [] : inbox);
  }

  isDone(number: number): boolean {
    return this.#options.locals.isDone(this.#sites[number]!.local);
  }

  movesOf(number: number): readonly Move[] {
    const known = this.moves[number];
    if (known) return known;
    this.#options.take({ kind: 'moves', site: number, envelope: 0 });
    return this.moves[number]!;
  }

  #newMovesOf(number: number): readonly Move[] {
    const { local, inbox } = this.#sites[number]!;
    return local === Locals.down ? this.#returns(inbox) : this.#movesAt(local, inbox);
  }

  get #restarts(): boolean {
    return this.#options.crashes?.restart === 'afresh';
  }

  #movesAt(local: number, inbox: Inbox): Move[] {
    const { locals, name, crashes } = this.#options;
    const moves = locals.choices(local).map((choice): Move => ({
      ...this.#moveTo(choice, inbox),
      step: choice.step,
      cost: 'none',
      isFault: false,
      fairAs: this.#fairNumber(choice.fairAs),
    }));
    moves.push(...this.#handlings(local, inbox));
    const { crashesNode } = this.#options;
    const isThere = crashesNode === 'with others' || !locals.isDone(local);
    const mayCrash = crashes && (crashes.actors?.includes(name) ?? true);
    if (mayCrash && isThere && crashesNode !== 'with the first') {
      const next = this.#crashed(local, inbox);
      const step = { kind: 'crash', actor: name } as const;
      const sends = this.#options.notices();
      moves.push({ next, sends, step, cost: 'crash', isFault: true, fairAs: -1 });
    }
    return moves;
  }

  #handlings(local: number, inbox: Inbox): Move[] {
    const { rules, locals, envelopes, isLossCounted } = this.#options;
    return rules.handlings(inbox).flatMap(({ kind, envelope, rest }): Move[] => {
      const { from, to, event } = envelopes.at(envelope);
      const step = { kind, actor: to, from, event };
      if (kind === 'loss') {
        const next = this.numberOf(local, rest);
        const cost = isLossCounted ? 'loss' : 'none';
        return [{ next, sends: [], step, cost, isFault: true, fairAs: -1 }];
      }
      const isDelivery = kind === 'delivery';
      const ignored = isDelivery && rules.takesIgnored(envelope) ? { local, sends: [] } : undefined;
      const outcome = locals.deliver(local, envelope) ?? ignored;
      if (outcome === undefined) return [];
      const fairAs =
        isDelivery && !rules.mayNeverCome(envelope) ? this.#fairNumber(`delivery ${envelope}`) : -1;
      const move = this.#moveTo(outcome, rest);
      return [{ ...move, step, cost: 'none', isFault: !isDelivery, fairAs }];
    });
  }

  #returns(inbox: Inbox): Move[] {
    const { locals, name } = this.#options;
    if (!this.#restarts) return [];
    const step = { kind: 'restart', actor: name } as const;
    const fairAs = this.#fairNumber('restart');
    const move = this.#moveTo(locals.start(), inbox);
    return [{ ...move, step, cost: 'none', isFault: false, fairAs }];
  }

  #moveTo({ local, sends }: Outcome, inbox: Inbox): Pick<Move, 'next' | 'sends'> {
    return { next: this.numberOf(local, inbox), sends };
  }

  #fairNumber(label: string | undefined): number {
    if (label === undefined) return -1;
    return this.#options.fairNumberOf(`${this.#options.name} ${label}`);
  }
}
