/** A process's line to the coordinator of its host, from joining until either has gone. */
import { connect } from 'node:net';
import { LineSocket } from '../io/line-socket.ts';
import { limits } from '../limits.ts';
import type { HostAsk, HostGrant, HostShares, HostTell } from './host-words.ts';

export interface FollowerEvents {
  onJoined(joined: HostTell & { type: 'joined' }): void;
  onRefused(reason: string): void;
  onShares(shares: HostShares): void;
  onTold(told: UnaskedTell): void;
  /** Once. Whatever was asked is not answered any more. */
  onLost(): void;
}
/** What a coordinator says by itself to a process that has joined. */
export type UnaskedTell = HostTell & { type: 'recall' | 'lend' | 'returned' };
type Answered = 'acquire' | 'release' | 'borrow' | 'return';
type Unnumbered<Ask> = Ask extends unknown ? Omit<Ask, 'id'> : never;
/** What a process asks of a coordinator, which is another or itself. */
export type Wanted = Unnumbered<HostAsk & { type: Answered }>;

export class HostFollower {
  readonly #line: LineSocket<HostAsk, HostTell>;
  readonly #pending = new Map<number, (grant: HostGrant | undefined) => void>();
  #lastId = 0;
  #isLost = false;
  /** A coordinator that stands still has the place, and is not waited for. */
  #patience: NodeJS.Timeout | undefined;

  constructor(path: string, join: HostAsk & { type: 'join' }, events: FollowerEvents) {
    this.#line = new LineSocket<HostAsk, HostTell>(connect(path), {
      onHeard: (told) => this.#hear(told, events),
      onLost: () => {
        this.#isLost = true;
        clearTimeout(this.#patience);
        for (const settle of this.#pending.values()) settle(undefined);
        this.#pending.clear();
        events.onLost();
      },
    });
    this.#line.say(join);
  }

  /** `undefined`: the coordinator is lost. What it had granted is free again when it is asked. */
  ask(wanted: Wanted): Promise<HostGrant | undefined> {
    if (this.#isLost) return Promise.resolve(undefined);
    this.#lastId += 1;
    const id = this.#lastId;
    this.#line.hold(true);
    this.#patience ??= setTimeout(() => this.close(), limits.portSeatMs);
    return new Promise((resolve) => {
      this.#pending.set(id, resolve);
      this.#line.say({ ...wanted, id });
    });
  }

  say(lent: HostAsk & { type: 'lent' }): void {
    this.#line.say(lent);
  }

  close(): void {
    this.#line.close();
  }

  #answered(): void {
    this.#line.hold(this.#pending.size > 0);
    if (this.#pending.size > 0) this.#patience?.refresh();
    else {
      clearTimeout(this.#patience);
      this.#patience = undefined;
    }
  }

  #hear(told: HostTell, events: FollowerEvents): void {
    switch (told.type) {
      case 'joined':
        events.onJoined(told);
        return;
      case 'refused':
        events.onRefused(told.reason);
        return;
      case 'answer':
        this.#pending.get(told.id)?.(told);
        this.#pending.delete(told.id);
        this.#answered();
        return;
      case 'recall':
      case 'lend':
      case 'returned':
        events.onTold(told);
        return;
      case 'shares':
        events.onShares(told.shares);
        return;
    }
  }
}
