/**
 * Goal: SP-6 between processes, and SP-5 of it: a port is lent once, is in the map before it is
 * told, and comes back once, whoever of lender, borrower and coordinator ends or does not answer.
 * Method: the coordinator's decisions over a map in memory; what each seat is told is written down.
 */
import { portLockLogic } from 'interplex/actors';
import { expect, test } from 'vitest';
import { HostLeases } from '#internal/ports/host-leases';
import { HostPool } from '#internal/ports/host-pool';
import type { HostTell } from '#internal/ports/host-words';
import { limits } from '#internal/limits';
import { LentHere } from '#internal/ports/lent-here';
import { PoolLock } from '#internal/ports/pool-lock';
import { poolMemory, portUsed, PoolWords } from '#internal/ports/pool-words';

const [coordinator, lender, borrower, third] = [0, 1, 2, 3];
const port = 5; // Of unit 0.

/** A host whose lender leases unit 0, which the port is of. */
class Host {
  readonly settings;
  words = new Int32Array();
  nowMs = 1_000_000;
  told: { seat: number; told: HostTell }[] = [];
  leases: HostLeases;

  constructor(restMs = 0) {
    this.settings = { structure: 'bitmap', first: 1, count: 32, block: 16, restMs } as const;
    this.leases = this.coordinate(coordinator, []);
    for (const seat of [lender, borrower, third]) this.join(seat, 0, []);
    this.leases.acquire(lender, 1, 0);
    this.told = [];
  }

  /** Another coordinates: by the map, and nothing else. */
  coordinate(seat: number, borrowed: readonly number[]): HostLeases {
    const file = {
      read: () => Int32Array.from(this.words),
      lay: (words: Int32Array) => void (this.words = Int32Array.from(words)),
      write: (at: number, word: number) => void (this.words[at] = word),
    };
    const lockOf = (pool: PoolWords, stack: number) =>
      new PoolLock({ pool, stack, logic: portLockLogic });
    const { settings } = this;
    const pool = new HostPool({ settings, file, lockOf, nowMs: () => this.nowMs });
    const tell = (to: number, told: HostTell) => void this.told.push({ seat: to, told });
    this.leases = new HostLeases({ pool, own: { seat, pid: seat }, tell });
    this.leases.sit({ seat, pid: seat, life: pool.lifeOf(seat), units: [], borrowed });
    return this.leases;
  }

  join(seat: number, life: number, units: readonly number[], borrowed: readonly number[] = []) {
    const { settings } = this;
    return this.leases.join({ type: 'join', seat, pid: seat, life, settings, units, borrowed });
  }

  borrow(seat: number, id: number): void {
    this.leases.answer(seat, { type: 'borrow', id, port });
  }

  /** What the seat was told since it was last looked at. */
  heard(seat: number): HostTell[] {
    const heard = this.told.filter((one) => one.seat === seat).map(({ told }) => told);
    this.told = this.told.filter((one) => one.seat !== seat);
    return heard;
  }

  lend(outcome: 'lent' | 'away' | 'taken' = 'lent'): void {
    const [asked] = this.heard(lender);
    if (asked?.type !== 'lend') throw new Error('It was asked for nothing.');
    this.leases.answer(lender, { type: 'lent', id: asked.id, port, outcome });
  }
}

const isLent = (id: number) => ({ type: 'answer', id, units: [], lent: [], isLent: true });
const isRefused = (code: string) =>
  expect.objectContaining({ refusal: expect.objectContaining({ code }) as unknown }) as unknown;
const isReturned = { type: 'returned', port };

test('SP-6 its lessee lends a port; nobody else has it until it is given back', () => {
  const host = new Host();
  host.borrow(borrower, 7);
  host.lend();
  expect(host.heard(borrower)).toEqual([isLent(7)]);
  host.borrow(third, 8);
  expect(host.heard(third)).toEqual([isRefused('IPX_PORT_TAKEN')]);
  expect(host.leases.lentBy(lender)).toEqual([port]);
  host.leases.answer(borrower, { type: 'return', id: 9, port });
  expect(host.heard(lender)).toEqual([isReturned]);
  host.borrow(third, 10);
  host.lend();
  expect(host.heard(third)).toEqual([isLent(10)]);
});

test('SP-6 what its lessee uses is refused; what it gave back comes with the unit', () => {
  const host = new Host();
  host.borrow(borrower, 7);
  host.lend('taken');
  expect(host.heard(borrower)).toEqual([isRefused('IPX_PORT_TAKEN')]);
  host.borrow(borrower, 8);
  host.leases.release(lender, [0]);
  host.lend('away');
  expect(host.heard(borrower)).toEqual([{ type: 'answer', id: 8, units: [0], lent: [] }]);
});

test('SP-6 who does not answer in time is told of, and keeps what he lends too late', () => {
  const host = new Host();
  host.borrow(borrower, 7);
  host.leases.expire();
  expect(host.heard(borrower)).toEqual([]);
  host.nowMs += limits.portLendMs;
  host.leases.expire();
  expect(host.heard(borrower)).toEqual([isRefused('IPX_PORTS_LOST')]);
  host.lend();
  expect(host.heard(lender)).toEqual([isReturned]);
});

test('SP-5 a coordinator that ends forgets no port that was lent', () => {
  const host = new Host();
  host.borrow(borrower, 7);
  host.lend();
  host.coordinate(third, []);
  const joined = host.join(lender, 1, [0]);
  expect(joined).toMatchObject({ type: 'joined', lost: [], lent: [port] });
  host.join(borrower, 1, [], [port]);
  expect(host.leases.lentBy(lender)).toEqual([port]);
});

test('SP-5 what was lent and never told nobody has, once its borrower comes again', () => {
  const host = new Host();
  host.borrow(borrower, 7);
  host.lend();
  host.coordinate(third, []);
  host.join(lender, 1, [0]);
  host.join(borrower, 1, []); // It never heard of it.
  expect(host.heard(lender)).toEqual([isReturned]);
  expect(host.leases.lentBy(lender)).toEqual([]);
});

test('SP-5 what a dead borrower had rests, and comes back once', () => {
  const host = new Host(2_000);
  host.borrow(borrower, 7);
  host.lend();
  host.leases.end(borrower);
  host.borrow(third, 8);
  expect(host.heard(third)).toEqual([isRefused('IPX_PORT_TAKEN')]);
  host.nowMs += 3_000;
  expect(host.leases.freeRested()).toBe(true);
  expect(host.leases.freeRested()).toBe(false);
  expect(host.heard(lender)).toEqual([isReturned]);
});

test('SP-5 a port outlives who lent it: with its unit the next lessee hears of it', () => {
  const host = new Host();
  host.borrow(borrower, 7);
  host.lend();
  host.leases.end(lender);
  host.leases.answer(third, { type: 'acquire', id: 8, count: 1, unit: 0 });
  expect(host.heard(third)).toEqual([{ type: 'answer', id: 8, units: [0], lent: [port] }]);
  host.leases.answer(borrower, { type: 'return', id: 9, port });
  expect(host.heard(third)).toEqual([isReturned]);
});

test('SP-5 a lessee that ends while it is asked leaves nobody waiting', () => {
  const host = new Host();
  host.borrow(borrower, 7);
  host.leases.end(lender);
  expect(host.heard(borrower)).toEqual([{ type: 'answer', id: 7, units: [0], lent: [] }]);
});

test('SP-6 two nodes of one process wish for one port: it is lent to the process once', () => {
  const host = new Host();
  host.borrow(borrower, 7);
  const [first] = host.heard(lender);
  host.borrow(borrower, 8);
  const [second] = host.heard(lender);
  for (const asked of [first, second]) {
    if (asked?.type !== 'lend') throw new Error('It was asked for nothing.');
    host.leases.answer(lender, { type: 'lent', id: asked.id, port, outcome: 'lent' });
  }
  expect(host.heard(borrower)).toEqual([isLent(7), isLent(8)]);
  host.leases.answer(borrower, { type: 'return', id: 9, port });
  expect(host.heard(lender)).toEqual([isReturned]);
});

test('SP-5 SP-6 a port that comes back while it is lent again is not said to have come', () => {
  const host = new Host();
  host.borrow(borrower, 7);
  host.borrow(third, 8);
  const asked = host.heard(lender);
  const answer = (told: HostTell | undefined, outcome: 'lent' | 'taken') => {
    if (told?.type !== 'lend') throw new Error('It was asked for nothing.');
    host.leases.answer(lender, { type: 'lent', id: told.id, port, outcome });
  };
  answer(asked[0], 'lent');
  host.leases.end(borrower);
  host.leases.freeRested();
  expect(host.heard(lender)).toEqual([]); // It has answered the second by now, perhaps.
  answer(asked[1], 'lent');
  expect(host.heard(third)).toEqual([isLent(8)]);
  host.leases.answer(third, { type: 'return', id: 9, port });
  expect(host.heard(lender)).toEqual([isReturned]);
});

test('SP-6 what a node has asked for is not given back before it is told', () => {
  const shape = {
    structure: 'bitmap',
    first: 1,
    count: 32,
    block: 16,
    stacks: 1,
    guests: 4,
  } as const;
  const pool = new PoolWords(shape, new Int32Array(poolMemory(shape, 'away')));
  pool.begin(0);
  const lock = new PoolLock({ pool, stack: 0, logic: portLockLogic });
  const here = new LentHere(pool, lock, 0);
  const looks = () => [1, 2, 3, 4].flatMap(() => here.unused());
  here.borrow(port);
  here.wanted(port, 1);
  expect(looks()).toEqual([]);
  here.wanted(port, -1);
  expect(looks()).toEqual([port]); // Once.
  expect(pool.ports[port]).toBe(portUsed); // Nobody may take it of a block that is away.
});
