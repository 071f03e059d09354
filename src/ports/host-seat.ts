/**
 * A process's seat at the ports of an address (SP-2): it coordinates for all processes of its host,
 * or follows the one that does. Runs `actors/ports/port-seat.ts`; what it leases stays its own
 * whoever coordinates.
 */
import { createActor, type ActorRefFrom } from 'xstate';
import type { PortSeatEvent, portSeatMachine } from '../../actors/ports/port-seat.ts';
import { InterplexError, sentenceOf } from '../errors.ts';
import type { HostPlace } from '../io/host-place.ts';
import { LivingName } from '../io/living-name.ts';
import { limits } from '../limits.ts';
import type { UnitLease } from './coupling-facility.ts';
import { HostCoordinator, othersAt } from './host-coordinator.ts';
import { HostFollower, type UnaskedTell, type Wanted } from './host-follower.ts';
import type { Joining } from './host-leases.ts';
import type { HostSettings } from './host-pool.ts';
import type { Borrowed, LendingLeases, PortLender } from './port-lender.ts';
import type { HostGrant, HostShares } from './host-words.ts';
import type { PoolLockOptions } from './pool-lock.ts';
import { SeatLeases } from './seat-leases.ts';

type SeatEffect = 'stand' | 'takeOver' | 'join' | 'hangUp' | 'giveUp';
export type PortSeatEffects = Readonly<Record<SeatEffect, () => void>>;
export interface HostSeatOptions {
  /** As it is told to users: `tcp 10.0.0.1`. */
  readonly name: string;
  readonly place: HostPlace;
  readonly settings: HostSettings;
  readonly lock: PoolLockOptions['logic'];
  readonly logic: (effects: PortSeatEffects) => typeof portSeatMachine;
}

export class HostSeat implements LendingLeases {
  readonly #options: HostSeatOptions;
  readonly #actor: ActorRefFrom<typeof portSeatMachine>;
  readonly #listeners = new Set<() => void>();
  readonly #waiting = new Set<() => void>();
  readonly #leases = new SeatLeases();
  #lender: PortLender | undefined;
  #seat = -1;
  #name: LivingName | undefined;
  #place: LivingName | undefined;
  #coordinator: HostCoordinator | undefined;
  #follower: HostFollower | undefined;
  #shares: HostShares | undefined;
  #refusal: InterplexError | undefined;
  #closing: Promise<void> | undefined;

  constructor(options: HostSeatOptions) {
    this.#options = options;
    const effects = {
      stand: () => void this.#stand(),
      takeOver: () => void this.#takeOver(),
      join: () => this.#join(),
      hangUp: () => this.#hangUp(),
      giveUp: () => this.#hangUp(),
    };
    this.#actor = createActor(options.logic(effects), { id: options.name });
    this.#actor.subscribe((snapshot) => {
      if (!snapshot.hasTag('seated') && snapshot.status === 'active') return;
      for (const wake of this.#waiting) wake();
      this.#waiting.clear();
    });
  }

  /** Settles when it is seated. Rejects with why it cannot be. */
  async open(): Promise<void> {
    for (let seat = 0; seat < limits.portProcessesMax && !this.#name; seat += 1) {
      this.#name = await LivingName.take(this.#options.place.seat(seat));
      this.#seat = seat;
    }
    if (!this.#name) throw this.#full();
    this.#actor.start();
    try {
      await this.#seated();
    } catch (error) {
      await this.close(); // Whoever asks again begins anew, and its name is another's to have.
      throw error;
    }
  }

  /** Who has how many units, as it was told last. */
  get shares(): HostShares | undefined {
    return this.#coordinator?.shares ?? this.#shares;
  }

  get isSeated(): boolean {
    return this.#actor.getSnapshot().hasTag('seated');
  }

  async acquire(wanted: { count: number } | { unit: number }): Promise<UnitLease[]> {
    const [count, unit] = 'unit' in wanted ? [1, wanted.unit] : [wanted.count, -1];
    return this.#taken(await this.#ask({ type: 'acquire', count, unit }));
  }

  async release(leases: readonly UnitLease[]): Promise<void> {
    const units = this.#leases.give(leases);
    // If it is not heard of, what is not claimed again is free.
    await this.#asked?.ask({ type: 'release', units });
  }

  /** That port, counted from the first, whoever leases its unit. Rejects with IPX_PORTS_LOST. */
  async borrow(port: number): Promise<Borrowed> {
    const grant = await this.#ask({ type: 'borrow', port });
    const { isLent = false, refusal } = grant;
    return { leases: this.#taken(grant), isLent, refusal };
  }

  async giveBack(port: number): Promise<void> {
    await this.#asked?.ask({ type: 'return', port });
  }

  /** Who is asked for ports of what this process leases, and for what it borrows. */
  serve(lender: PortLender): void {
    this.#lender = lender;
  }

  held(): UnitLease[] {
    return this.#leases.held();
  }

  isCurrent(lease: UnitLease): boolean {
    return this.#leases.isCurrent(lease);
  }

  watch(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** What it has leased and not given back, rests. Called again, it waits for the same end. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    if (!this.#isOver) this.#tell({ type: 'leave' });
    await this.#coordinator?.close();
    this.#coordinator = undefined;
    await this.#name?.release(); // By this the coordinator knows.
    await this.#place?.release();
  }

  async #stand(): Promise<void> {
    try {
      this.#place = await LivingName.take(this.#options.place.coordinator);
    } catch (error) {
      this.#refuse(sentenceOf(error));
      return;
    }
    if (this.#isOver) await this.#place?.release();
    this.#tell({ type: this.#place ? 'place.won' : 'place.held' });
  }

  async #takeOver(): Promise<void> {
    const { place, settings, lock } = this.#options;
    try {
      const others = await othersAt(place, settings, this.#seat);
      if (others > 0) throw new Error('others share it otherwise');
      if (this.#isOver) return;
      this.#coordinator = new HostCoordinator({
        place,
        settings,
        lock,
        own: this.#joining(),
        onShares: (shares) => (this.#shares = shares),
        onTold: (told) => this.#hear(told),
      });
      this.#leases.sit(this.#coordinator.life, this.#coordinator.lost);
      this.#lender?.reconcile(this.#coordinator.lent);
      this.#tell({ type: 'map.read' });
    } catch (error) {
      await this.#place?.release();
      this.#place = undefined;
      this.#refuse(sentenceOf(error));
    }
  }

  #join(): void {
    const { place, settings } = this.#options;
    const follower = new HostFollower(
      place.socket,
      { type: 'join', settings, ...this.#joining() },
      {
        onJoined: ({ life, lost, lent }) => {
          this.#leases.sit(life, lost);
          this.#lender?.reconcile(lent);
          this.#tell({ type: 'seat.granted' });
        },
        onRefused: (reason) => this.#refuse(reason),
        onShares: (shares) => (this.#shares = shares),
        onTold: (told) => this.#hear(told),
        onLost: () => {
          if (this.#follower === follower) this.#tell({ type: 'coordinator.lost' });
        },
      },
    );
    this.#follower = follower;
  }

  #hangUp(): void {
    const follower = this.#follower;
    this.#follower = undefined;
    follower?.close();
  }

  #joining(): Joining {
    const { life, units } = this.#leases;
    const { borrowed = [] } = this.#lender ?? {};
    return { seat: this.#seat, life, units, borrowed, pid: process.pid };
  }

  get #asked(): HostCoordinator | HostFollower | undefined {
    return this.#coordinator ?? this.#follower;
  }

  /** If its coordinator is lost, another is asked. */
  async #ask(wanted: Wanted): Promise<HostGrant> {
    for (;;) {
      await this.#seated();
      const grant = await this.#asked?.ask(wanted);
      if (grant) return grant;
    }
  }

  #taken({ units, lent }: HostGrant): UnitLease[] {
    const { block } = this.#options.settings;
    return this.#leases.take(units).map((lease) => {
      return { ...lease, lent: lent.filter((port) => Math.floor(port / block) === lease.unit) };
    });
  }

  #hear(told: UnaskedTell): void {
    if (told.type === 'recall') for (const listener of this.#listeners) listener();
    // After what was granted before it, which is taken in this turn.
    if (told.type === 'returned') setImmediate(() => this.#lender?.returned(told.port));
    if (told.type === 'lend') setImmediate(() => this.#lend(told.id, told.port));
  }

  #lend(id: number, port: number): void {
    if (!this.isSeated) return; // Whoever coordinates next asks again.
    this.#asked?.say({ type: 'lent', id, port, outcome: this.#lender?.lend(port) ?? 'away' });
  }

  #tell(event: PortSeatEvent): void {
    this.#actor.send(event);
  }

  get #isOver(): boolean {
    return this.#actor.getSnapshot().status !== 'active';
  }

  /** Rejects with IPX_PORTS_LOST when nobody coordinates for too long, or with why it cannot be. */
  async #seated(): Promise<void> {
    if (this.isSeated) return;
    let timer: NodeJS.Timeout | undefined;
    if (!this.#isOver) {
      await new Promise<void>((resolve) => {
        this.#waiting.add(resolve);
        timer = setTimeout(resolve, limits.portSeatMs); // Keeps the process so long.
      });
    }
    clearTimeout(timer);
    if (this.isSeated) return;
    throw this.#refusal ?? this.#lost();
  }

  #refuse(reason: string): void {
    const { name } = this.#options;
    const sentence = `The ports of ${name} cannot be shared: ${reason}: say the same, or end it.`;
    this.#refusal = new InterplexError('IPX_OPTION_INVALID', sentence);
    this.#tell({ type: 'seat.refused' });
  }

  #full(): InterplexError {
    const sentence =
      `${limits.portProcessesMax} processes share the ports of ${this.#options.name} already: ` +
      'run more nodes in each of them.';
    return new InterplexError('IPX_PORTS_LOST', sentence);
  }

  #lost(): InterplexError {
    const sentence =
      `No process coordinates the ports of ${this.#options.name}: the one that has the place ` +
      'stands still. Ports that are leased here go on; ask again, or end that process.';
    return new InterplexError('IPX_PORTS_LOST', sentence);
  }
}
