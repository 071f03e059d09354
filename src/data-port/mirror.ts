/**
 * A mirror of a file on other nodes (DP-10). Its machine decides how a replica is brought level;
 * the source has the file, the order of its writes and what each target misses; a session speaks
 * with the replica of the moment.
 */
import { createActor, type ActorRefFrom } from 'xstate';
import type { mirrorMachine, MirrorInput, MirrorOutput } from '../../actors/data-port/mirror.ts';
import { InterplexError, isErrorCode } from '../errors.ts';
import { bounds } from './mirror-bounds.ts';
import { invalid, requireListener } from '../options.ts';
import { tellEach } from '../listeners.ts';
import type { Sight } from '../runtime/sight.ts';
import type { MirrorChannels } from './mirror-channel.ts';
import { MirrorEffects } from './mirror-effects.ts';
import type { MirrorSource } from './mirror-source.ts';
import { verification, type Verification } from './mirror-verification.ts';

type Logic = typeof mirrorMachine;
type Phase = 'connecting' | 'interrupted' | 'resuming' | 'resynchronising' | 'copying' | 'level';

/** What a mirror is doing, and how far it is. */
export interface MirrorFigures {
  /** `copying` is all of the file, `resynchronising` what was marked, `resuming` the backlog. */
  readonly phase: Phase | 'closing' | 'closed' | 'failed';
  /** The node that has the replica, or had it last. */
  readonly target: string;
  /** Bytes that the target misses by the dirty map, and how many they were when that began. */
  readonly missingBytes: number;
  readonly missedBytes: number;
  /** Written, and not known to be applied. */
  readonly unappliedBytes: number;
  /** What was sent to bring replicas level: by blocks of the file, and by writes of the backlog. */
  readonly copiedBytes: number;
  readonly resentBytes: number;
  /** Why the target was lost last, while it is. */
  readonly reason: string;
}
export type MirrorEvent = { readonly type: `mirror.${MirrorFigures['phase']}` } & MirrorFigures;

export interface MirrorParts {
  readonly source: MirrorSource;
  readonly channels: MirrorChannels;
  readonly logic: (effects: MirrorEffects['actions']) => Logic;
  readonly input: MirrorInput;
  /** Looks at a file that others write; before a replica is said to be level. */
  readonly look: (() => Promise<void>) | undefined;
  readonly onEnd: () => void;
  readonly sight: Sight;
}

export class Mirror implements AsyncDisposable {
  /** Settles when it has ended, however it did. */
  readonly ended: Promise<MirrorOutput>;
  readonly #parts: MirrorParts;
  readonly #effects: MirrorEffects;
  readonly #actor: ActorRefFrom<Logic>;
  readonly #listeners = new Set<(event: MirrorEvent) => void>();

  constructor(parts: MirrorParts) {
    this.#parts = parts;
    const { source, channels, logic, input, look, onEnd } = parts;
    this.#effects = new MirrorEffects(source, channels, look, (event) => this.#actor.send(event));
    const actor = createActor(logic(this.#effects.actions), { id: 'mirror', input });
    this.#actor = actor;
    const over = parts.sight.onRoot(actor);
    let phase = '';
    this.#actor.subscribe(() => {
      const { figures } = this;
      if (figures.phase === phase) return;
      phase = figures.phase;
      tellEach(this.#listeners, { type: `mirror.${figures.phase}`, ...figures });
    });
    this.ended = new Promise((resolve) => {
      this.#actor.subscribe({
        complete: () => {
          over();
          onEnd();
          const end = this.#actor.getSnapshot().output ?? { outcome: 'closed' };
          void source.close().finally(() => resolve(end));
        },
      });
    });
    this.#actor.start();
  }

  get figures(): MirrorFigures {
    const snapshot = this.#actor.getSnapshot();
    const isLost = snapshot.matches('interrupted') || snapshot.matches('failed');
    return {
      phase: phaseOf(snapshot.value),
      target: this.#parts.channels.target,
      ...this.#effects.figures,
      unappliedBytes: this.#parts.source.backlog.unappliedBytes,
      reason: isLost ? snapshot.context.refusal.reason : '',
    };
  }

  /** Returns how to be told no more. Throws IPX_OPTION_INVALID. */
  register({ onEvent }: { readonly onEvent: (event: MirrorEvent) => void }): () => void {
    requireListener('register()', onEvent);
    const listener = (event: MirrorEvent) => onEvent(event);
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Writes to the file. It settles when that is done, and is on its way or marked for later:
   * `flush` when the replica has it. Writes are applied there in the order of these calls.
   * Rejects with IPX_MIRROR_CLOSED, IPX_MIRROR_SOURCE or IPX_MIRROR_HISTORY.
   */
  async write(offset: number, bytes: Uint8Array): Promise<void> {
    requireOffset('offset', offset);
    if (!(bytes instanceof Uint8Array)) throw invalid('bytes', 'give a Buffer or a Uint8Array');
    if (bytes.length > bounds.writeBytesMax) {
      const sentence = `A write has at most ${bounds.writeBytesMax} bytes: give pieces.`;
      throw new InterplexError('IPX_MESSAGE_LIMIT', sentence);
    }
    if (bytes.length > 0) await this.#parts.source.write(offset, bytes);
  }

  /** Sets the file's length, in the order of writes. Rejects as `write` does. */
  async truncate(length: number): Promise<void> {
    requireOffset('length', length);
    await this.#parts.source.truncate(length);
  }

  /** Settles when the replica has all that was written before; rejects when the mirror ends. */
  async flush(): Promise<void> {
    const { source } = this.#parts;
    const last = await source.exclusive(() => Promise.resolve(source.sequence));
    while (this.figures.phase !== 'level' || this.#effects.applied < last) {
      await this.#change();
    }
  }

  /** Settles when the replica is level with the file; rejects when the mirror ends. */
  async whenLevel(): Promise<void> {
    while (this.figures.phase !== 'level') await this.#change();
  }

  /** Settles when the target was reached, or is waited for; rejects when the mirror ends. */
  async whenBegun(): Promise<void> {
    while (this.figures.phase === 'connecting') await this.#change();
    if (this.#actor.getSnapshot().status !== 'active') await this.#change();
  }

  /** Compares sums of both sides, range by range; exact while writing goes on, by its order. */
  async verify(): Promise<Verification> {
    const compare = async (offset: number, bytes: number) => {
      for (;;) {
        await this.whenLevel();
        try {
          return await this.#effects.compare(offset, bytes);
        } catch (error) {
          if (!(error instanceof InterplexError && error.code === 'IPX_MIRROR_LOST')) throw error;
        }
      }
    };
    return verification(compare, this.#parts.source.blockBytes);
  }

  /** Goes back to the first target, which is brought level. Rejects as a port's `failback`. */
  failback(): Promise<string> {
    return this.#effects.failback();
  }

  /** Settles when what was sent is applied, or after 5 s; the rest goes when it is begun again. */
  async close(): Promise<void> {
    if (this.#actor.getSnapshot().status === 'active') this.#actor.send({ type: 'close' });
    await this.ended;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #change(): Promise<void> {
    if (this.#actor.getSnapshot().status === 'active') await this.#effects.whenChanged();
    const { status, output } = this.#actor.getSnapshot();
    if (status === 'active') return;
    if (output?.outcome !== 'failed') {
      throw new InterplexError('IPX_MIRROR_CLOSED', 'The mirror is closed: open another one.');
    }
    const code = isErrorCode(output.code) ? output.code : 'IPX_MIRROR_LOST';
    throw new InterplexError(code, output.reason);
  }
}

type Value = ReturnType<ActorRefFrom<Logic>['getSnapshot']>['value'];

function phaseOf(value: Value): MirrorFigures['phase'] {
  if (typeof value === 'string') return value;
  if (value.connected === 'greeting') return 'connecting';
  return value.connected === 'mirroring' ? 'level' : value.connected;
}

function requireOffset(name: string, offset: number): void {
  if (Number.isSafeInteger(offset) && offset >= 0) return;
  throw invalid(name, 'give a whole number of bytes, not below zero');
}
