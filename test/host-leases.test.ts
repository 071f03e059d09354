/**
 * Goal: SP-5: whatever of a coordinator's writes reached its map before it was killed, the next one
 * has every unit to give, once, when all that held some have ended.
 * Method: what it wrote is cut off after each word, and another reads the rest.
 */
import { portLockLogic } from 'interplex/actors';
import { expect, test } from 'vitest';
import { HostLeases } from '#internal/ports/host-leases';
import { HostPool, type MapFile } from '#internal/ports/host-pool';
import { PoolLock } from '#internal/ports/pool-lock';
import type { PoolWords } from '#internal/ports/pool-words';

const settings = { structure: 'bitmap', first: 1, count: 4 * 16, block: 16, restMs: 0 } as const;
const units = [0, 1, 2, 3];

/** A map of which only so many words more are written. */
class TornMap implements MapFile {
  words = new Int32Array();
  /** How many were written. */
  count = 0;
  #most = Infinity;

  tear(most: number): void {
    this.#most = most;
  }

  read(): Int32Array {
    return Int32Array.from(this.words);
  }

  lay(words: Int32Array): void {
    if (this.#most > 0) this.words = Int32Array.from(words);
  }

  write(at: number, value: number): void {
    this.count += 1;
    if (this.count <= this.#most) this.words[at] = value;
  }
}

const lockOf = (pool: PoolWords, stack: number) =>
  new PoolLock({ pool, stack, logic: portLockLogic });
const leasesOver = (file: MapFile, seat: number, claimed: readonly number[] = []) => {
  const pool = new HostPool({ settings, file, lockOf });
  const leases = new HostLeases({ pool, own: { seat, pid: seat + 1 }, tell: () => {} });
  leases.sit({ seat, pid: seat + 1, life: 0, units: claimed, borrowed: [] });
  return leases;
};
const join = { type: 'join', seat: 1, life: 0, pid: 2, settings, units: [], borrowed: [] } as const;

/** Two processes lease; one ends, and its seat is another's; who coordinates ends. */
function work(file: MapFile): void {
  const leases = leasesOver(file, 0);
  leases.acquire(0, 1, -1);
  leases.join(join);
  leases.acquire(1, 2, -1);
  leases.release(1, [1]);
  leases.end(1);
  leases.join({ ...join, pid: 3 });
  leases.acquire(1, 4, -1);
  leases.end(1);
}

const whole = new TornMap();
work(whole);

test('SP-5 killed after any word that it wrote, a coordinator leaves no unit to nobody', () => {
  expect(whole.count).toBeGreaterThan(20);
  const left = Array.from({ length: whole.count + 1 }, (_, most) => {
    const file = new TornMap();
    file.tear(most);
    work(file);
    file.tear(Infinity);
    const next = leasesOver(file, 2);
    for (const seat of next.living) if (seat !== 2) next.end(seat); // As the kernel says of each.
    next.freeRested();
    return next.acquire(2, 4, -1).toSorted((one, other) => one - other);
  });
  expect(left).toEqual(left.map(() => units));
});
