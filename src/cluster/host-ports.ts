/**
 * The main thread's part in source ports (SP-2): of each pool it has this process's seat at its
 * host, leases units for the stacks here before they run out, and gives back what they do not use.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { InterplexError, isErrorCode, sentenceOf } from '../errors.ts';
import { hostPlace } from '../io/host-place.ts';
import { hasLivingNames } from '../io/living-name.ts';
import { limits } from '../limits.ts';
import { AwayTasks } from '../ports/away-tasks.ts';
import { HostSeat } from '../ports/host-seat.ts';
import type { HostAnswer, HostShares, WantPorts } from '../ports/host-words.ts';
import { PoolLock } from '../ports/pool-lock.ts';
import { header, PoolWords } from '../ports/pool-words.ts';
import { ProcessPool } from '../ports/process-pool.ts';
import { addressOf, type SharedPool } from '../ports/shared-pool.ts';
import type { StackPool } from '../ports/stack-pool.ts';
import { portLockLogic, portSeatLogic } from './provide.ts';

interface Place {
  readonly words: PoolWords;
  readonly seat: HostSeat;
  readonly part: ProcessPool;
}

export class HostPorts {
  readonly #pools: readonly SharedPool[];
  readonly #stack: number;
  readonly #stackOf: (pool: SharedPool) => StackPool | undefined;
  readonly #places = new Map<SharedPool, Promise<Place | undefined>>();
  /** Those that are seated, or were. */
  readonly #open = new Map<SharedPool, Place>();
  /** Of which nothing is given out until who lives has claimed what he has. */
  readonly #registering = new Set<SharedPool>();
  readonly #timer: NodeJS.Timeout;
  #isClosed = false;

  /** `stack` is the number of one that lives in this thread, `stackOf` gives its parts. */
  constructor(
    pools: readonly SharedPool[],
    stack: number,
    stackOf: (pool: SharedPool) => StackPool | undefined,
  ) {
    this.#pools = pools;
    this.#stack = stack;
    this.#stackOf = stackOf;
    this.#timer = setInterval(() => this.#look(), limits.vitalSignsMs).unref();
  }

  /** Rejects with IPX_OPTION_INVALID where another process shares a pool otherwise. */
  async open(pools: readonly SharedPool[]): Promise<void> {
    for (const pool of pools) this.#registering.delete(pool);
    const own = pools.filter((pool) => addressOf(pool) !== undefined);
    await Promise.all(own.map((pool) => this.#start(pool)));
  }

  /** From now on, until `open`: claims alone are answered. */
  register(pools: readonly SharedPool[]): void {
    for (const pool of pools) this.#registering.add(pool);
  }

  readonly want: WantPorts = async (id, port) => {
    try {
      const pool = this.#pools.find((one) => one.id === id);
      const place = pool && (await this.#placeOf(pool));
      if (!pool || !place) return { ok: true, units: 0, others: '' };
      if (port === undefined && this.#registering.has(pool)) return registering(pool);
      const answer = await (port === undefined ? this.#refill(place) : claim(place, pool, port));
      if (!this.#registering.has(pool)) await this.#start(pool);
      return answer;
    } catch (error) {
      const code = error instanceof InterplexError ? error.code : 'IPX_PORTS_LOST';
      return { ok: false, code, reason: sentenceOf(error) };
    }
  };

  sharesOf(pool: SharedPool): HostShares | undefined {
    return this.#open.get(pool)?.seat.shares;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#timer);
    await Promise.all(Array.from(this.#places.values(), (place) => leave(place)));
  }

  async #refill(place: Place): Promise<HostAnswer> {
    const { part, seat, words } = place;
    if (words.units === 0 && seat.held().length > 0) {
      // A table, which is leased as a whole.
      return { ok: true, units: words.load(header.phase) === 1 ? 0 : 1, others: othersIn(place) };
    }
    for (let tries = 1; ; tries += 1) {
      const units = await part.refill();
      if (units > 0 || tries === limits.portHostTries) {
        return { ok: true, units, others: othersIn(place) };
      }
      await pause(limits.portsRetryMs); // Others are asked to give back meanwhile.
    }
  }

  /** Its ports are given out from now on. */
  async #start(pool: SharedPool): Promise<void> {
    const place = await this.#placeOf(pool);
    if (!place || place.words.load(header.phase) === 1) return;
    await place.part.topUp();
    if (place.words.units > 0 || place.seat.held().length > 0) place.words.store(header.phase, 1);
  }

  #placeOf(pool: SharedPool): Promise<Place | undefined> {
    const known = this.#places.get(pool);
    if (known) return known;
    const made = this.#sit(pool);
    this.#places.set(pool, made);
    made.catch(() => this.#places.delete(pool)); // Whoever asks next tries again.
    return made;
  }

  async #sit(shared: SharedPool): Promise<Place | undefined> {
    const { shape, memory, protocol, restMs } = shared;
    const address = addressOf(shared);
    if (address === undefined || this.#isClosed) return undefined;
    const words = new PoolWords(shape, new Int32Array(memory));
    const lock = new PoolLock({ pool: words, stack: this.#stack, logic: portLockLogic });
    if (!hasLivingNames) return admitAll(words, lock);
    const { structure, first, count, block } = shape;
    const seat = new HostSeat({
      name: `${protocol} ${address}`,
      place: hostPlace(protocol, address),
      settings: { structure, first, count, block, restMs },
      lock: portLockLogic,
      logic: portSeatLogic,
    });
    await seat.open();
    const part = new ProcessPool({ pool: words, lock, stack: this.#stack, leases: seat });
    seat.serve(part);
    seat.watch(() => void part.giveAll());
    const place = { words, seat, part };
    this.#open.set(shared, place);
    return place;
  }

  #look(): void {
    for (const [pool, place] of this.#open) {
      const { words, part, seat } = place;
      this.#stackOf(pool)?.watch(seat.shares?.free ?? 0, othersIn(place));
      if (!seat.isSeated || words.load(header.phase) === 0) continue;
      // Should its coordinator be lost at this moment, whoever wants a port will hear of it.
      if (words.units > 0) part.topUp().catch(() => undefined);
      part.giveSurplus().catch(() => undefined);
      part.giveUnused().catch(() => undefined);
    }
  }
}

const registering = ({ address }: SharedPool) => ({
  ok: false as const,
  code: 'IPX_PORTS_REGISTERING' as const,
  reason: `The ports of ${address} are being registered: ask again in a moment.`,
});

async function claim(place: Place, pool: SharedPool, port: number): Promise<HostAnswer> {
  const { leases, isLent, refusal } = await place.part.claim(port);
  if (!refusal) return { ok: true, units: leases.length, isLent, others: othersIn(place) };
  const reason = `Port ${place.words.shape.first + port} of ${addressOf(pool)} ${refusal.reason}.`;
  const code = isErrorCode(refusal.code) ? refusal.code : 'IPX_PORT_TAKEN';
  return { ok: false, code, reason };
}

async function leave(opening: Promise<Place | undefined>): Promise<void> {
  const place = await opening.catch(() => undefined);
  if (!place) return;
  if (place.seat.isSeated) await place.part.giveAll();
  await place.seat.close();
}

/** Of a system where processes cannot tell who lives each has all ports. */
function admitAll(words: PoolWords, lock: PoolLock): undefined {
  const tasks = new AwayTasks(words, lock.index);
  for (let unit = 0; unit < words.units; unit += 1) lock.run(tasks.admit(unit));
  words.store(header.phase, 1);
}

function othersIn({ seat, words }: Place): string {
  const others = seat.shares?.processes.filter(({ pid }) => pid !== process.pid) ?? [];
  const { block } = words.shape;
  const told = others.map(({ pid, leased }) => `process ${pid} has ${leased * block}`);
  const resting = (seat.shares?.resting ?? 0) * block;
  if (resting > 0) told.push(`${resting} rest, of processes that have ended`);
  return told.map((one) => `; ${one}`).join('');
}
