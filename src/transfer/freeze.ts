/** A client held still: its writes have left, its reads are stopped, its application waits. */
import type { Refusal } from '../../actors/vocabulary.ts';
import { freeze, immovability, thaw, whenDrained, type Frozen } from '../io/tcp.ts';
import { limits } from '../limits.ts';
import type { Client } from './client.ts';
import { frozenChannel } from './telemetry.ts';

const undrained: Refusal = {
  code: 'IPX_CLIENT_UNDRAINED',
  reason: `The client has not read what was written to it within ${limits.drainWritesMs} ms.`,
};

const corked: Refusal = {
  code: 'IPX_CLIENT_UNDRAINED',
  reason: 'What was written to the client waits behind cork(): call uncork() before transfer().',
};

const ready = (): Refusal | undefined => undefined;

export class Freeze {
  readonly #client: Client;
  #stopWaiting: (() => void) | undefined;
  frozen: Frozen | undefined;

  constructor(client: Client) {
    this.#client = client;
  }

  /**
   * Answers once: why it cannot be, or nothing once it is. Not if it is ended before. `prepare` is
   * called just before, of a client that can be frozen: what it does costs the client no time.
   */
  begin(answer: (refusal: Refusal | undefined) => void, prepare = ready): void {
    const client = this.#client;
    client.suspendReads();
    const timer = setTimeout(() => {
      this.end();
      answer(client.socket.writableCorked > 0 ? corked : undrained);
    }, limits.drainWritesMs);
    const stop = whenDrained(client.socket, () => {
      clearTimeout(timer);
      const frozen = immovability(client.socket) ?? prepare() ?? freeze(client.socket);
      if ('code' in frozen) {
        client.resumeReads();
        answer(frozen);
        return;
      }
      if (frozenChannel.hasSubscribers) frozenChannel.publish(client.connection);
      this.frozen = frozen;
      answer(undefined);
    });
    this.#stopWaiting = () => {
      clearTimeout(timer);
      stop();
    };
  }

  /** The client goes on. */
  end(): void {
    this.#stopWaiting?.();
    if (this.frozen) thaw(this.#client.socket, this.frozen);
    this.frozen = undefined;
    this.#client.resumeReads();
  }
}
