/**
 * Another life of this node's own name. Its row, or a datagram of it, may be of one that has ended;
 * so it is asked at its addresses, and only who lives can name the asker's session. Of two that
 * live the one that came later closes: the row of a node has one writer (CM-5).
 *
 * Both would judge by clocks that differ by what is on its way; so one judges, the one whose
 * session is the smaller, and tells the other.
 */
import type { NodeId, Refusal } from '../../actors/vocabulary.ts';
import { limits } from '../limits.ts';
import type { ByteReader } from '../wire/bytes.ts';
import type { Clock } from './clock.ts';
import { frames, nobody, readClaim, writeClaim } from './frames.ts';
import type { OwnAdapters } from './own-adapters.ts';
import type { AdapterRow } from './row.ts';
import type { NamesakeArrival, Transport } from './transport.ts';

export interface NamesakesWorld {
  readonly clock: Clock;
  readonly node: NodeId;
  readonly session: string;
  readonly own: OwnAdapters;
  readonly transport: () => Transport;
  /** This node has to go. */
  readonly onTaken: (refusal: Refusal) => void;
}

export class Namesakes {
  readonly #world: NamesakesWorld;
  #since: number;
  #askedAt = -Infinity;

  constructor(world: NamesakesWorld) {
    this.#world = world;
    this.#since = world.clock.now();
  }

  /** Who stood still so long may have been given up: whoever took its place stays. */
  lagged(lateMs: number): void {
    if (lateMs > limits.suspicionMs) this.#since = this.#world.clock.now();
  }

  /** A row of this name was not written here: whoever is at its addresses is asked. */
  ask(adapters: readonly AdapterRow[]): void {
    const { clock, own } = this.#world;
    if (clock.now() - this.#askedAt < limits.patienceMs.least) return;
    const isMine = ({ address, port }: AdapterRow) =>
      own.rows.some((row) => row.address === address && row.port === port);
    for (const [place, adapter] of adapters.entries()) {
      const from = isMine(adapter) ? undefined : own.towards(adapter.address, place);
      if (!from) continue;
      this.#askedAt = clock.now();
      this.#claim({ own: from, address: adapter.address, port: adapter.port, session: nobody });
    }
  }

  /** A datagram of this name, of another session. Throws `Malformed`. */
  hear(arrival: NamesakeArrival, reader: ByteReader): void {
    const claim = reader.byte() === frames.claim ? readClaim(reader) : undefined;
    const { session } = this.#world;
    const isProven = claim !== undefined && arrival.isToMe; // It lives: it knows this life.
    if (isProven && claim.isVerdict) this.#go(arrival);
    else if (!isProven || session > arrival.session) this.#claim(arrival);
    else if (claim.ageMs > this.#ageMs) this.#go(arrival);
    else this.#claim(arrival, true);
  }

  get #ageMs(): number {
    return Math.round(this.#world.clock.now() - this.#since);
  }

  #claim(to: Omit<NamesakeArrival, 'isToMe'>, isVerdict = false): void {
    const transport = this.#world.transport();
    const destination = transport.destination(to.own, to, to.session);
    const claim = { isVerdict, ageMs: this.#ageMs };
    transport.put(destination, 16, (writer) => writeClaim(writer, claim));
  }

  #go({ address, port }: NamesakeArrival): void {
    const { node, onTaken } = this.#world;
    const reason =
      `Another node named "${node}" lives at ${address}:${port}, and was there first: give each ` +
      'node of a cluster a name of its own.';
    onTaken({ code: 'IPX_NAME_TAKEN', reason });
  }
}
