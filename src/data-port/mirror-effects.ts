/** The effects of the mirror's machine: a channel is opened, a session spoken, both are ended. */
import type { MirrorEvent } from '../../actors/data-port/mirror.ts';
import { InterplexError } from '../errors.ts';
import { refusalOf, type MirrorChannel, type MirrorChannels } from './mirror-channel.ts';
import { MirrorSession, type SentBytes } from './mirror-session.ts';
import type { MirrorSource } from './mirror-source.ts';
import type { Comparison } from './mirror-sums.ts';

export class MirrorEffects {
  readonly #source: MirrorSource;
  readonly #channels: MirrorChannels;
  readonly #look: (() => Promise<void>) | undefined;
  readonly #send: (event: MirrorEvent) => void;
  readonly #sent: SentBytes = { copied: 0, resent: 0 };
  /** Raised with every channel: what one says that was given up does not count. */
  #dial = 0;
  #channel: MirrorChannel | undefined;
  #session: MirrorSession | undefined;
  #whenChanged: (() => void)[] = [];

  constructor(
    source: MirrorSource,
    channels: MirrorChannels,
    look: (() => Promise<void>) | undefined,
    send: (event: MirrorEvent) => void,
  ) {
    this.#source = source;
    this.#channels = channels;
    this.#look = look;
    this.#send = (event) => {
      send(event);
      this.#wake();
    };
  }

  readonly actions = {
    // Not within an action: a port's machine is made then.
    connect: () => queueMicrotask(() => void this.#connect()),
    greet: () => this.#greet(),
    resend: () => void this.#session?.resend(),
    resynchronise: () => void this.#session?.resynchronise(false),
    copyAll: () => void this.#session?.resynchronise(true),
    drain: () => void this.#session?.drain(),
    hangUp: () => this.#hangUp(),
  };

  get applied(): number {
    return this.#session?.applied ?? 0;
  }

  get figures() {
    const { blockBytes } = this.#source;
    return {
      missingBytes: (this.#source.live?.map.count ?? 0) * blockBytes,
      missedBytes: (this.#session?.missedBlocks ?? 0) * blockBytes,
      copiedBytes: this.#sent.copied,
      resentBytes: this.#sent.resent,
    };
  }

  /** Settles when something has become of it. */
  whenChanged(): Promise<void> {
    return new Promise((resolve) => this.#whenChanged.push(resolve));
  }

  compare(offset: number, bytes: number): Promise<Comparison> {
    return this.#connected(this.#session).compare(offset, bytes);
  }

  failback(): Promise<string> {
    return this.#connected(this.#channel).failback();
  }

  async #connect(): Promise<void> {
    this.#dial += 1;
    const dial = this.#dial;
    const isCurrent = () => dial === this.#dial;
    const tell = (event: MirrorEvent) => {
      if (isCurrent()) this.#send(event);
    };
    try {
      const channel = await this.#channels.open({
        onMessage: (message) => {
          if (isCurrent()) this.#receive(message);
        },
        onMoved: () => tell({ type: 'target.changed' }),
        onLost: (refusal) => tell({ type: 'channel.lost', refusal }),
      });
      if (!isCurrent()) {
        await channel.close();
        return;
      }
      this.#channel = channel;
      tell({ type: 'channel.opened' });
    } catch (error) {
      tell({ type: 'channel.lost', refusal: refusalOf(error) });
    }
  }

  #greet(): void {
    this.#session?.end();
    const channel = this.#channel;
    if (!channel) return;
    const tell = (event: MirrorEvent) => {
      if (this.#session === session) this.#send(event);
    };
    const wake = () => this.#wake();
    const world = { source: this.#source, channel, look: this.#look, tell, wake };
    const session = new MirrorSession(world, this.#sent);
    this.#session = session;
    session.greet();
  }

  #receive(message: Buffer): void {
    try {
      this.#session?.receive(message);
    } catch (error) {
      this.#send({ type: 'channel.lost', refusal: refusalOf(error) });
    }
  }

  #hangUp(): void {
    this.#dial += 1;
    this.#session?.end();
    this.#session = undefined;
    void this.#channel?.close();
    this.#channel = undefined;
    setImmediate(() => this.#wake());
  }

  #connected<Part>(part: Part | undefined): Part {
    if (part !== undefined) return part;
    const sentence = 'No replica is reached at this moment: wait for `whenLevel()`.';
    throw new InterplexError('IPX_MIRROR_LOST', sentence);
  }

  #wake(): void {
    for (const go of this.#whenChanged.splice(0)) go();
  }
}
