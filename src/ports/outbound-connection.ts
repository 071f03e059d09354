/** A connection from a leased port, from the wish for it to its close. */
import type { Socket, TcpNetConnectOpts } from 'node:net';
import { InterplexError } from '../errors.ts';
import { connectFrom, isForeign, type PortFate, type PortUser } from '../io/outbound.ts';
import { limits } from '../limits.ts';
import type { Destinations, Place } from './destinations.ts';
import type { Destination } from './port-stock.ts';
import type { PortSource } from './port-source.ts';

/** A port that one connection has, and gives back at its close. */
export class OutboundPort implements PortUser {
  isOpen = false;
  localPort = 0;
  readonly source: PortSource;
  readonly #host: string;
  readonly #port: number;
  readonly #destinations: Destinations;
  #place: Place | undefined;

  constructor(source: PortSource, host: string, port: number, destinations: Destinations) {
    this.source = source;
    this.#host = host;
    this.#port = port;
    this.#destinations = destinations;
  }

  /** At once as a rule; later, if another process must be asked. Rejects as the source throws. */
  obtain(): void | Promise<void> {
    const place = this.#destinations.placeOf(this.#host, this.#port);
    let port: number;
    try {
      port = this.source.obtain(place.to);
    } catch (error) {
      return obtainLater(this.source, place.to, error).then((one) => this.#have(one));
    }
    this.#have(port);
  }

  #have(port: number): void {
    this.localPort = port;
    this.#place = this.#destinations.placeOf(this.#host, this.#port);
    this.#destinations.enter(this.#place);
  }

  ended(fate: PortFate, _error: Error | null): void {
    const { source, localPort } = this;
    const to = this.#place?.to;
    if (this.#place) this.#destinations.leave(this.#place);
    if (fate === 'foreign') source.noteForeign(localPort, to);
    else source.release(localPort, fate === 'closed' ? source.restMs : 0, to);
  }
}

export class OutboundConnection extends OutboundPort {
  readonly #options: TcpNetConnectOpts;
  readonly #resolve: (socket: Socket) => void;
  readonly #reject: (error: unknown) => void;
  #tries = 0;

  constructor(
    source: PortSource,
    options: TcpNetConnectOpts & { readonly host: string },
    destinations: Destinations,
    settle: {
      readonly resolve: (socket: Socket) => void;
      readonly reject: (error: unknown) => void;
    },
  ) {
    super(source, options.host, options.port, destinations);
    this.#options = options;
    this.#resolve = settle.resolve;
    this.#reject = settle.reject;
  }

  begin(): void {
    const later = this.obtain();
    if (later) later.then(() => this.#connect(), this.#reject);
    else this.#connect();
  }

  opened(socket: Socket): void {
    this.#resolve(socket);
  }

  override ended(fate: PortFate, error: Error | null): void {
    super.ended(fate, error);
    if (this.isOpen) return;
    const cause: NodeJS.ErrnoException | null = error;
    if (cause?.code === 'EADDRNOTAVAIL' && cause.syscall === 'bind') {
      this.#reject(notLocal(this.source.address, cause));
    } else if (cause === null || !isForeign(cause)) {
      this.#reject(cause ?? new Error('A socket was closed before it was open.'));
    } else if (this.#tries === limits.portTriesMax) {
      this.#reject(foreign(this.source.address, this.localPort, cause));
    } else {
      this.begin();
    }
  }

  #connect(): void {
    this.#tries += 1;
    const { source, localPort } = this;
    try {
      this.#options.signal?.throwIfAborted(); // While another process was asked: Node tells nobody.
      connectFrom(this.#options, { localAddress: source.address, localPort }, this);
    } catch (error) {
      this.ended('unused', error as Error); // An option that Node refuses.
    }
  }
}

/** Others of this process may take what came: it is asked again as long as some comes. */
export async function obtainLater(
  source: PortSource,
  to: Destination | undefined,
  why: unknown,
): Promise<number> {
  let refusal = why;
  for (let tries = 0; source.refill && tries < limits.portRefillTries; tries += 1) {
    await source.refill();
    try {
      return source.obtain(to);
    } catch (error) {
      refusal = error;
    }
  }
  throw refusal;
}

export function notLocal(address: string, cause?: unknown): InterplexError {
  const sentence = `${address} is no address of this host: add it to an interface first.`;
  return new InterplexError('IPX_ADDRESS_UNUSABLE', sentence, { cause });
}

function foreign(address: string, port: number, cause: unknown): InterplexError {
  const sentence =
    `Other programs have ${limits.portTriesMax} of the ports of ${address} that were tried, the ` +
    `last ${port}: keep them off the pool by net.ipv4.ip_local_reserved_ports.`;
  return new InterplexError('IPX_PORT_FOREIGN', sentence, { cause });
}
