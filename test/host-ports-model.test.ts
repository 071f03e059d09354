/**
 * Goal: what a coordinator of a host, a process's seat and the machine between them must not do is
 * seen by their model (SP-1, SP-2, SP-5, AF-8).
 * Method: one thing at a time is done wrong in the product's own code, in its machine or in the
 * order of its words, and the claim that it breaks is named. The models, with the size of their
 * spaces, are among those of check-models.
 */
import { checkModel, replay } from 'interplex/check';
import { portSeatMachine } from 'interplex/actors';
import { hostPortsModel, type HostPortsOptions } from '#internal/check/models/host-ports';
import { HostLeases } from '#internal/ports/host-leases';
import { HostPool } from '#internal/ports/host-pool';
import { UnitTasks } from '#internal/ports/lock-task';
import { SeatLeases } from '#internal/ports/seat-leases';
import { afterEach, expect, test, vi } from 'vitest';
import { mutantsOf } from './support/mutants.ts';

const timeout = 120_000; // ms; other tests share the cores.

afterEach(() => void vi.restoreAllMocks());

async function violationOf(options: HostPortsOptions) {
  const model = hostPortsModel(options);
  const report = await checkModel({ ...model, limits: { states: 400_000 } });
  if (report.outcome !== 'violated') throw new Error(`It ${report.outcome}.`);
  const { violation } = report;
  if (violation.kind !== 'broken') return violation.property;
  const [again = ''] = replay(model, violation.trace!).broken;
  return again;
}

const once = 'no unit is held twice, or before it has rested, and none is lost';
const waits = /^process-\d does not wait for ever$/;

const cut = { units: 2, cuts: 1 };
const torn = { processes: 3, crashes: 2, tears: 1, restarts: false };

type Bury = UnitTasks['bury'];
type End = HostPool['end'];
type Give = SeatLeases['give'];
type Free = UnitTasks['free'];

const alone = 'two processes coordinate';
/** It takes over without having the place. */
const usurper = mutantsOf(portSeatMachine).find(
  ({ name }) => name === 'portSeat: starts in takingOver',
)!.machine;

const faults: readonly [string, HostPortsOptions, string | RegExp, () => void][] = [
  [
    'a coordinator that answers before it writes',
    { tears: 1, isHasty: true },
    once,
    () => {}, // Its model says so.
  ],
  [
    'a unit that does not rest when its process has ended',
    {},
    once,
    () => {
      const bury: Bury = Reflect.get(UnitTasks.prototype, 'bury');
      vi.spyOn(UnitTasks.prototype, 'bury').mockImplementation(function hasty(
        this: UnitTasks,
        dead: number,
      ) {
        return bury.call(this, dead, 0);
      });
    },
  ],
  [
    'a coordinator that frees what rests before its time',
    {},
    once,
    () => {
      const freed: Free = Reflect.get(UnitTasks.prototype, 'free');
      vi.spyOn(UnitTasks.prototype, 'free').mockImplementation(function hasty(this: UnitTasks) {
        return freed.call(this, Infinity);
      });
    },
  ],
  [
    'a coordinator that keeps what was granted and never came',
    cut,
    waits,
    () => vi.spyOn(HostPool.prototype, 'reconcile').mockReturnValue([]),
  ],
  [
    'a coordinator to which who comes again is new',
    cut,
    once,
    () => vi.spyOn(HostPool.prototype, 'lifeOf').mockReturnValue(0),
  ],
  [
    'a coordinator that buries nothing of whom the last one knew to have ended',
    torn,
    waits,
    () => {
      const end: End = Reflect.get(HostPool.prototype, 'end');
      vi.spyOn(HostPool.prototype, 'end').mockImplementation(function forgetful(
        this: HostPool,
        seat: number,
      ) {
        return this.lifeOf(seat) === 0 ? 0 : end.call(this, seat);
      });
    },
  ],
  [
    'a coordinator that does not heed that a process has ended',
    { processes: 3, restarts: false },
    waits,
    () => vi.spyOn(HostLeases.prototype, 'end').mockReturnValue(undefined),
  ],
  [
    'a coordinator that recalls nothing',
    {},
    'a unit is asked back',
    () => vi.spyOn(HostPool.prototype, 'living').mockReturnValue([]),
  ],
  [
    'a seat that claims nothing when it joins again',
    cut,
    once,
    () => vi.spyOn(SeatLeases.prototype, 'units', 'get').mockReturnValue([]),
  ],
  [
    'a seat that claims what it has given back',
    { cuts: 1 },
    once,
    () => {
      vi.spyOn(SeatLeases.prototype, 'give').mockImplementation(function clinging(
        this: SeatLeases,
        leases: Parameters<Give>[0],
      ) {
        return leases.map(({ unit }) => unit);
      });
    },
  ],
];
test.each(faults)(
  'SP-5 AF-8 %s is found',
  async (_name, options, property, seed) => {
    seed();
    expect(await violationOf(options)).toMatch(property);
  },
  timeout,
);

test(
  'SP-2 AF-8 two processes that take the place are found',
  async () => {
    const isOfPlace = (property: object) => Object.values(property).includes(alone);
    const model = hostPortsModel({ seat: usurper });
    const properties = model.properties.filter(isOfPlace);
    expect(properties).toHaveLength(1);
    const report = await checkModel({ ...model, properties });
    expect(report).toMatchObject({ outcome: 'violated', violation: { property: alone } });
  },
  timeout,
);
