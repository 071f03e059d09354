/** A clock that stands still: what is due it only remembers, and fires when it is told to. */
import type { AnyActorRef, AnyEventObject } from 'xstate';
import { delayedSend } from './family.ts';

/** A timer as XState keeps it; whoever is told of it may be another than who armed it. */
export interface HeldTimer {
  readonly id: string;
  readonly source: AnyActorRef;
  readonly target: AnyActorRef;
  readonly event: AnyEventObject;
}

interface Held {
  readonly timer: HeldTimer;
  readonly fire: () => void;
}

export class HeldClock {
  readonly #scheduled: () => Readonly<Record<string, HeldTimer>>;
  readonly #seen = new WeakSet<HeldTimer>();
  readonly #held = new Set<Held>();

  /** By `scheduled` XState tells what its timers are for: of a clock it only asks to wait. */
  constructor(scheduled: () => Readonly<Record<string, HeldTimer>>) {
    this.#scheduled = scheduled;
  }

  /** XState notes what is to come just before it asks for the time. */
  setTimeout(fire: () => void): Held {
    const timer = Object.values(this.#scheduled()).find((other) => !this.#seen.has(other))!;
    this.#seen.add(timer);
    const held = { timer, fire };
    this.#held.add(held);
    return held;
  }

  clearTimeout(held: Held): void {
    this.#held.delete(held);
  }

  get timers(): HeldTimer[] {
    return Array.from(this.#held, ({ timer }) => timer);
  }

  fire(timer: HeldTimer): void {
    for (const held of this.#held) {
      if (held.timer !== timer) continue;
      this.#held.delete(held);
      held.fire();
    }
  }
}

/** As the checker has it: a send of a later time is told by what is sent. */
export function eventOf({ source, target, event }: HeldTimer): AnyEventObject {
  if (source === target) return event;
  return { type: delayedSend, send: { to: target.id, event } };
}

/** Of a send of a later time, what tells it from others. */
export function withoutContext(event: AnyEventObject): AnyEventObject {
  if (event.type !== delayedSend) return event;
  const { to, event: sent } = event['send'] as { to: string; event: AnyEventObject };
  return { type: delayedSend, send: { to, event: sent } };
}
