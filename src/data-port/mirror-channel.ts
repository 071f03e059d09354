/**
 * What a mirror needs of a data port, and nothing else: an ordered channel to one of several
 * targets, with word of its end and of a change of target. The only file here that knows ports.
 */
import type { Refusal } from '../../actors/vocabulary.ts';
import { InterplexError, sentenceOf } from '../errors.ts';
import { bounds } from './mirror-bounds.ts';
import type { NodePlace, OpenDataPortOptions } from './open-options.ts';
import type { DataPort } from './port.ts';

export interface MirrorChannel {
  readonly target: string;
  /** In order. Rejects when the channel has ended. */
  post(message: Buffer): Promise<void>;
  failback(): Promise<string>;
  close(): Promise<void>;
}
export interface ChannelEvents {
  readonly onMessage: (message: Buffer) => void;
  /** From here on another target gets what is posted. */
  readonly onMoved: () => void;
  readonly onLost: (refusal: Refusal) => void;
}
export interface Opener {
  openDataPort(options: OpenDataPortOptions): Promise<DataPort>;
}
export interface ChannelOptions {
  readonly to: NodePlace;
  readonly backups: readonly NodePlace[];
  readonly service: string;
  readonly links: number;
}

/** The service of replicas, where no other is named. */
export const nameOfMirrors = 'mirror';

export class MirrorChannels {
  readonly #opener: Opener;
  readonly #options: ChannelOptions;
  #target: string;

  constructor(opener: Opener, options: ChannelOptions) {
    this.#opener = opener;
    this.#options = options;
    this.#target = nameOf(options.to);
  }

  /** The target that was reached last. */
  get target(): string {
    return this.#target;
  }

  /** To the last target, or else to one of the others. Rejects with why none could be reached. */
  async open(events: ChannelEvents): Promise<MirrorChannel> {
    const { to, backups, service, links } = this.#options;
    const places = [to, ...backups];
    const last = places.find((place) => nameOf(place) === this.#target) ?? to;
    const others = places.filter((place) => place !== last);
    const alone = others.length === 0 ? { abandonMs: bounds.abandonMs } : {};
    const port = await this.#opener.openDataPort({
      to: last,
      backups: others,
      service,
      links,
      openMs: bounds.openMs,
      ...alone,
    });
    return this.#over(port, events);
  }

  #over(port: DataPort, { onMessage, onMoved, onLost }: ChannelEvents): MirrorChannel {
    this.#target = port.target;
    let isClosed = false;
    let isEnded = false;
    port.receive((message) => onMessage(message));
    port.register({
      onEvent: (event) => {
        if (event.type !== 'port.failedOver' || isClosed) return;
        this.#target = event.target;
        onMoved();
      },
    });
    const tellEnd = async () => {
      const end = await port.ended;
      isEnded = true;
      if (!isClosed) onLost(end.outcome === 'failed' ? end : closedThere);
    };
    void tellEnd();
    return {
      get target() {
        return port.target;
      },
      post: (message) => port.post(message),
      failback: () => this.#failback(port),
      close: async () => {
        isClosed = true;
        if (!isEnded) await leave(port);
      },
    };
  }

  /** To the first target of all, wherever the port was opened to. In vain, it goes back again. */
  async #failback(port: DataPort): Promise<string> {
    const [first, left] = [nameOf(this.#options.to), port.target];
    if (left === first) return first;
    try {
      return await port.failover(first);
    } catch (error) {
      if (error instanceof InterplexError && error.code === 'IPX_PORT_UNREACHABLE') {
        await port.failover(left);
      }
      throw error;
    }
  }
}

const closedThere = { code: 'IPX_PORT_LOST', reason: 'The other end has closed the port.' };

/** Where no path is left, nobody is there to take what is not applied: that is not waited for. */
export async function leave(port: DataPort): Promise<void> {
  if (port.paths.length === 0) port.fence();
  else await port.close();
}

export const refusalOf = (error: unknown): Refusal => ({
  code: error instanceof InterplexError ? error.code : 'IPX_PORT_LOST',
  reason: sentenceOf(error),
});

const nameOf = (place: NodePlace): string => (typeof place === 'string' ? place : place.node);
