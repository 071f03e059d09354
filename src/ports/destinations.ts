/** How many connections a node has from one address to each place, as it was asked for. */
import { isIP } from 'node:net';
import type { Destination } from './port-stock.ts';

export interface Place {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  /** 0: its host is a name. */
  readonly family: number;
  /** `undefined`, where its host is a name. */
  readonly to: Destination | undefined;
  count: number;
}

export class Destinations {
  /** Those that have a connection. */
  readonly #places = new Map<string, Place>();
  /** Connections come in rows to one place: to name it takes longer than to count. */
  #last: Place | undefined;

  /** To be entered at once, or not at all. */
  placeOf(host: string, port: number): Place {
    const last = this.#last;
    if (last && last.port === port && last.host === host) return last;
    const name = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`; // As in a URL.
    return (this.#last = this.#places.get(name) ?? newPlace(name, host, port));
  }

  enter(place: Place): void {
    place.count += 1;
    if (place.count === 1) this.#places.set(place.name, place);
  }

  leave(place: Place): void {
    place.count -= 1;
    if (place.count === 0) this.#places.delete(place.name);
  }

  counts(): ReadonlyMap<string, number> {
    return new Map(Array.from(this.#places.values(), ({ name, count }) => [name, count]));
  }
}

function newPlace(name: string, host: string, port: number): Place {
  const family = isIP(host);
  const to = family === 0 ? undefined : { clientAddress: host, clientPort: port };
  return { name, host, port, family, to, count: 0 };
}
