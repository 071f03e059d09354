/**
 * What a coordinator of a host decides, by the product's own code (`src/ports/host-leases.ts` over
 * `host-pool.ts`), from words to words: those that it remembers, those that it writes to the map,
 * and what it says. Rests end when the model says so, not by a clock.
 */
import { createActor } from 'xstate';
import { portLockMachine, type PortLockEvent } from '../../../actors/ports/port-lock.ts';
import { HostLeases, type Joining } from '../../ports/host-leases.ts';
import { HostPool, type HostSettings, type MapFile } from '../../ports/host-pool.ts';
import type { HostAsk, HostTell } from '../../ports/host-words.ts';
import { LockSteps } from '../../ports/lock-steps.ts';
import type { LockTask, TaskLock } from '../../ports/lock-task.ts';
import { record, type PoolWords } from '../../ports/pool-words.ts';
import { unitIndex } from '../../ports/unit-index.ts';
import type { LockEffect } from './port-memory.ts';
import { lockEffects } from './port-stack.ts';

/** Words that are not 0, by their place. */
export type Words = Readonly<Record<number, number>>;
/** A word of the map; or all of them anew. */
export type Write = { readonly at: number; readonly value: number } | { readonly laid: Words };
export type Own = Pick<Joining, 'seat' | 'pid'>;
export type Wish = Exclude<HostAsk, { type: 'join' }>;

export type Call =
  | { readonly do: 'takeOver'; readonly joining: Joining }
  | { readonly do: 'join'; readonly ask: HostAsk & { type: 'join' } }
  | { readonly do: 'answer'; readonly seat: number; readonly wish: Wish }
  | { readonly do: 'acquire' | 'leave' | 'freeRested' }
  | { readonly do: 'release'; readonly units: readonly number[] }
  /** Seats of which nobody has the name. */
  | { readonly do: 'look'; readonly free: readonly number[] };

export interface Decision {
  readonly memory: Words;
  readonly writes: readonly Write[];
  readonly said: readonly { readonly seat: number; readonly word: HostTell }[];
  /** What came of it to its own process. */
  readonly units: readonly number[];
  readonly lost: readonly number[];
  readonly life: number;
  readonly isIdle: boolean;
}

const settingsOf = (units: number): HostSettings => ({
  structure: 'bitmap',
  first: 1,
  count: units * 16,
  block: 16,
  restMs: 1_000,
});

const packed = (words: Int32Array): Words =>
  Object.fromEntries(Array.from(words.entries()).filter(([, word]) => word !== 0));
const unpacked = (words: Words, length: number): Int32Array => {
  const all = new Int32Array(length);
  for (const [at, word] of Object.entries(words)) all[Number(at)] = word;
  return all;
};

/** The map as a coordinator has it open. */
class OpenMap implements MapFile {
  writes: Write[] = [];
  /** Of the map that was laid. */
  length = 0;
  readonly #words: Int32Array;

  constructor(words: Int32Array) {
    this.#words = words;
  }

  read(): Int32Array {
    return this.#words;
  }

  lay(words: Int32Array): void {
    const [first = 0] = words;
    this.length = words.length;
    this.writes.push({ laid: packed(words.with(0, 0)) }, { at: 0, value: first });
  }

  write(at: number, value: number): void {
    this.writes.push({ at, value });
  }
}

/** Nobody else wants the lock of words that are one process's: a run of it is a step here. */
function lockOf(pool: PoolWords, stack: number): TaskLock {
  const index = unitIndex(pool);
  const run = (task: LockTask) => {
    const steps = new LockSteps(pool, index, stack, task);
    const perform =
      (effect: LockEffect) =>
      ({ self }: { readonly self: { send(event: PortLockEvent): void } }) =>
        self.send({ type: steps[effect]() });
    const actions = Object.fromEntries(
      lockEffects.map((effect) => [effect, perform(effect)] as const),
    );
    const actor = createActor(portLockMachine.provide({ actions })).start();
    return actor.getSnapshot().output === 'revised' ? steps.run.unit : -1;
  };
  return { index, run };
}

export class Deciding {
  readonly settings: HostSettings;
  readonly #known = new Map<string, Decision>();
  readonly #length: number;
  readonly #firstOwner: number;

  constructor(units: number) {
    this.settings = settingsOf(units);
    const file = new OpenMap(empty);
    const { pool } = new HostPool({ settings: this.settings, file, lockOf });
    this.#length = file.length;
    this.#firstOwner = file.length - pool.index + pool.owners;
  }

  /** By unit, whether somebody is said to have it, or to have had it. */
  ownersIn(map: Words): boolean[] {
    const units = this.settings.count / this.settings.block;
    const first = this.#firstOwner;
    return Array.from({ length: units }, (_, unit) => (map[first + unit] ?? 0) !== 0);
  }

  /** Of a map that was read, or of what is remembered. */
  decide(words: Words, own: Own, call: Call): Decision {
    const key = JSON.stringify([words, own, call]);
    const known = this.#known.get(key) ?? this.#perform(words, own, call);
    this.#known.set(key, known);
    return known;
  }

  #perform(words: Words, own: Own, call: Call): Decision {
    const isNew = call.do === 'takeOver';
    const isThere = isNew && Object.keys(words).length > 0;
    const file = new OpenMap(isThere ? unpacked(words, this.#length) : empty);
    const nowMs = () => (call.do === 'freeRested' ? this.settings.restMs : 0);
    const pool = new HostPool({ settings: this.settings, file, lockOf, nowMs });
    const said: { seat: number; word: HostTell }[] = [];
    const leases = new HostLeases({
      pool,
      own,
      tell: (seat, word) => void said.push({ seat, word }),
    });
    if (!isNew) {
      pool.pool.words.set(unpacked(words, pool.pool.length));
      file.writes = [];
    }
    const came = performed(leases, own, call, said);
    const { words: all } = pool.pool;
    // How often the lock was had is counted for figures alone.
    for (let seat = 0; seat < pool.pool.shape.stacks; seat += 1) {
      all[pool.pool.stack(seat) + record.turns] = 0;
    }
    const { life, isIdle } = leases;
    const { writes } = file;
    return { memory: packed(all), writes, said, units: [], lost: [], life, isIdle, ...came };
  }
}
const empty = new Int32Array();

function performed(
  leases: HostLeases,
  own: Own,
  call: Call,
  said: { seat: number; word: HostTell }[],
): Partial<Decision> {
  switch (call.do) {
    case 'takeOver':
      return { lost: leases.sit(call.joining) };
    case 'join': {
      const word = leases.join(call.ask);
      if (word) said.push({ seat: call.ask.seat, word });
      return {};
    }
    case 'answer':
      leases.answer(call.seat, call.wish);
      return {};
    case 'acquire':
      return { units: leases.acquire(own.seat, 1, -1) };
    case 'release':
      leases.release(own.seat, call.units);
      return {};
    case 'look':
      for (const seat of leases.living) if (call.free.includes(seat)) leases.end(seat);
      return {};
    case 'freeRested':
      leases.freeRested();
      return {};
    case 'leave':
      leases.end(own.seat);
      return {};
  }
}
