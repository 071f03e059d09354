/**
 * One end of a data port in a model: the session, the connections and what accepts or dials them
 * are the product's own (`src/data-port`), over wires that only note what is written. Time stands
 * still: what timers would do is left to the model.
 */
import type { PathEvent } from '../../data-port/carriers.ts';
import type { Channel } from '../../data-port/channels.ts';
import type { Clock } from '../../data-port/clock.ts';
import { Connection, type Wire, type WireEvents } from '../../data-port/connection.ts';
import { schedulerOf } from '../../data-port/scheduler.ts';
import { Session } from '../../data-port/session.ts';
import { bytesOf, wordsOf } from './data-port-words.ts';

/** What an end does, as others see it. */
export type PortAct =
  | { readonly type: 'dialled' | 'closed'; readonly wire: string }
  | { readonly type: 'wrote'; readonly wire: string; readonly words: string }
  | { readonly type: 'told'; readonly path: number; readonly event: PathEvent }
  | { readonly type: 'began' | 'drained' | 'saidGoodbye' | 'fenced' };

/** What comes to an end: over a wire, or from the machines of its port. */
export type PortStep =
  | { readonly do: 'hear'; readonly wire: string; readonly words: string }
  | { readonly do: 'lose' | 'refuse' | 'greet'; readonly wire: string }
  | { readonly do: 'dial' | 'hangUp'; readonly path: number; readonly dial: number }
  | { readonly do: 'reroute' | 'suspect'; readonly path: number }
  | { readonly do: 'fence'; readonly target: string; readonly epoch: number }
  | { readonly do: 'post' | 'serve' | 'drain' | 'close' | 'abandon' };

/** What an application knows, and has done. */
export interface Experience {
  /** Messages by number: accepted here, known to be what was asked for, or reported as lost. */
  readonly accepted: readonly number[];
  readonly settled: readonly number[];
  readonly reported: readonly number[];
  /** In their order, as they were applied here; marked ones are negative, less one. */
  readonly applied: readonly number[];
}
export const marked = (number: number): number => -number - 1;

interface OpenWire {
  readonly events: WireEvents;
  /** Data frames that were written on it. */
  frames: number;
  /** Its first words have come. */
  isGreeted: boolean;
}

export abstract class PortEnd {
  readonly acts: PortAct[] = [];
  protected readonly wires = new Map<string, OpenWire>();
  protected readonly channels: readonly Channel[];
  protected readonly clock: Clock = {
    now: () => 0,
    setTimeout: () => undefined,
    clearTimeout: () => {},
    random: () => 0,
    soon: (act) => void this.#due.push(act),
  };
  readonly #due: (() => void)[] = [];
  readonly #written = new Map<string, Buffer[]>();

  constructor(channels: readonly Channel[]) {
    this.channels = channels;
  }

  abstract get experience(): Experience;
  protected abstract get session(): Session | undefined;
  protected abstract act(step: PortStep): void;
  /** What it knows beside its session, as text. */
  protected abstract get standing(): unknown;

  /** One step, and all that is due in the same turn. */
  perform(step: PortStep): void {
    if (step.do === 'hear') this.#hear(step.wire, step.words);
    else if (step.do === 'lose' || step.do === 'refuse') this.#lose(step.wire, step.do);
    else if (step.do === 'reroute') this.session?.reroute(step.path);
    else if (step.do === 'suspect') this.#suspect(step.path);
    else this.act(step);
    this.turn();
  }

  /** All that can be seen of it from outside. */
  get view(): unknown {
    const { session } = this;
    return {
      ...this.experience,
      standing: this.standing,
      wires: Array.from(this.wires, ([name, { frames, isGreeted }]) =>
        [name, frames, isGreeted].join(' '),
      ).toSorted(),
      epoch: session?.epoch,
      bytes: session?.outbound.bytes,
      paths: session?.paths.map((path) => ({
        is: [path.index, path.isSuspect, path.heardFrames, path.toldFrames].join(),
        underway: Array.from(
          path.underway(),
          ({ sequence, isReceived, isLost, stream }) =>
            `${stream}:${sequence} ${isReceived} ${isLost}`,
        ),
      })),
    };
  }

  /** What it says and applies, when its session goes on over a new connection. */
  goOn(before: (session: Session) => void, heard?: (session: Session) => Buffer): string {
    const { session } = this;
    if (!session) return '';
    for (let path = session.paths[0]; path; path = session.paths[0]) session.detach(path.index);
    before(session);
    let events: WireEvents | undefined;
    const written: Uint8Array[] = [];
    const connection = new Connection((heardBy) => {
      events = heardBy;
      return { ...still, write: (bytes) => void written.push(Buffer.from(bytes)) };
    });
    session.attach(0, connection);
    this.turn();
    if (heard) events?.onBytes(heard(session));
    this.turn();
    this.serve();
    return `${wordsOf(Buffer.concat(written))}; ${this.experience.applied.join()}`;
  }

  protected turn(): void {
    for (let act = this.#due.shift(); act; act = this.#due.shift()) act();
    for (const [wire, pieces] of this.#written) this.#leave(wire, pieces);
    this.#written.clear();
  }

  protected newSession(epoch: number, channels: readonly Channel[]): Session {
    return new Session({
      channels,
      clock: this.clock,
      schedule: schedulerOf('drain'),
      epoch,
      events: {
        onSuspected: () => {},
        onTrusted: (path) => this.tell(path, { type: 'path.heard' }),
        onLost: (path, error) => this.loses(path, error),
        onGoodbye: () => this.acts.push({ type: 'saidGoodbye' }),
        onCongested: () => {},
        onResumed: () => {},
      },
    });
  }

  /** Nobody has heard of that connection: its name may be given again. */
  protected abstract forget(wire: string): void;
  /** Its application takes what came, if it is one that does. */
  protected abstract serve(): void;
  protected abstract loses(path: number, error: Error): void;
  protected abstract tell(path: number, event: PathEvent): void;

  protected wire(name: string, events: WireEvents): Wire {
    this.wires.set(name, { events, frames: 0, isGreeted: false });
    const close = () => {
      if (!this.wires.has(name)) return;
      const pieces = this.#written.get(name);
      this.#written.delete(name);
      if (pieces) this.#leave(name, pieces);
      this.wires.delete(name);
      this.acts.push({ type: 'closed', wire: name });
    };
    const write = (bytes: Uint8Array) => {
      const pieces = this.#written.get(name) ?? [];
      this.#written.set(name, [...pieces, Buffer.from(bytes)]);
    };
    return { ...still, write, destroy: close, end: close };
  }

  #leave(wire: string, pieces: readonly Buffer[]): void {
    const words = wordsOf(Buffer.concat(pieces));
    const open = this.wires.get(wire);
    if (open) open.frames += words.split(', ').filter((word) => word.startsWith('data')).length;
    this.acts.push({ type: 'wrote', wire, words });
  }

  #hear(name: string, words: string): void {
    const open = this.wires.get(name);
    if (!open) return;
    open.isGreeted = true;
    open.events.onBytes(bytesOf(words));
  }

  #lose(name: string, how: 'lose' | 'refuse'): void {
    const open = this.wires.get(name);
    this.wires.delete(name);
    if (how === 'refuse') this.forget(name);
    open?.events.onClose(new Error('reset'));
  }

  /** As `Heartbeats` do, which know time: the path is avoided, and what is on it goes again. */
  #suspect(index: number): void {
    const path = this.session?.paths.find((other) => other.index === index);
    if (!path || path.isSuspect) return;
    path.isSuspect = true;
    this.session?.reroute(index);
    this.tell(index, { type: 'path.silent' });
  }
}

const still: Wire = {
  write: () => {},
  cork: () => {},
  uncork: () => {},
  destroy: () => {},
  end: () => {},
};
