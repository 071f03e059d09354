/**
 * Another node, as far as this one deals with it: the life it is in, the ways to it, and the two
 * streams of reliable messages. All of it is made when it is first needed.
 */
import type { membershipMachine } from '../../actors/messaging/membership.ts';
import type { NodeId } from '../../actors/vocabulary.ts';
import type { SteppedActor } from '../runtime/stepped-actor.ts';
import type { Hash, Row } from './row.ts';
import type { MemberStatus } from './events.ts';
import { Fragments } from './fragments.ts';
import { nobody } from './frames.ts';
import { Inbound } from './inbound.ts';
import type { Outbound } from './outbound.ts';
import type { PeerPath } from './peer-path.ts';
import { ReplayWindow } from './replay-window.ts';

export type MembershipActor = SteppedActor<typeof membershipMachine>;

export class Peer {
  readonly node: NodeId;
  /** Of the life that it is in; `nobody` while nothing has come from it. */
  session = nobody;
  /** Of that life, as its datagrams say. */
  incarnation = -1;
  /** Its row of the table, as long as there is one. */
  row: Row | undefined;
  paths: readonly PeerPath[] = [];
  inbound = new Inbound();
  fragments = new Fragments();
  outbound: Outbound | undefined;
  status: MemberStatus = 'joining';
  reason = 'its row is known';
  since: number;
  heardAt = -Infinity;
  actor: MembershipActor | undefined;
  /** The session that may follow its present one, which has not answered. */
  successor: string | undefined;
  /** Whether another life of it was known here. */
  isReborn = false;
  /** Of its table, as it last said. */
  tableHash: Hash | undefined;
  /** Over which its outbound was last sent. */
  lastPath: PeerPath | undefined;
  #window = new ReplayWindow();

  constructor(node: NodeId, now: number) {
    this.node = node;
    this.since = now;
  }

  /**
   * Whether a datagram is the first of its number, and of no earlier life; `contested`: nor of the
   * present one, which is alive.
   */
  admit(session: string, number: number, incarnation: number): 'new' | 'known' | Refused {
    if (session === this.session) {
      if (!this.#window.admit(number)) return 'replayed';
      this.incarnation = Math.max(this.incarnation, incarnation);
      return 'known';
    }
    if (incarnation <= this.incarnation) return 'stale';
    if (this.status === 'alive' && session !== this.successor) return 'contested';
    this.isReborn = this.session !== nobody;
    this.session = session;
    this.incarnation = incarnation;
    this.#window = new ReplayWindow();
    this.#window.admit(number);
    this.inbound = new Inbound();
    this.fragments = new Fragments();
    return 'new';
  }

  pathAt(address: string, port: number): PeerPath | undefined {
    return this.paths.find(({ adapter }) => adapter.address === address && adapter.port === port);
  }

  /**
   * The way that a message takes (CM-3): the first that is reachable, in the order of the row; else
   * whichever may lead there again, the one that was not tried for longest first.
   */
  route(): PeerPath | undefined {
    const usable = this.paths.find((path) => path.isUsable);
    if (usable) return usable;
    let best: PeerPath | undefined;
    for (const path of this.paths) {
      if (!best || rankOf(path) < rankOf(best)) best = path;
      else if (rankOf(path) === rankOf(best) && path.triedAt < best.triedAt) best = path;
    }
    return best;
  }
}
type Refused = 'replayed' | 'stale' | 'contested';

const ranks = { reachable: 0, probation: 0, suspect: 1, unreachable: 2 } as const;
const rankOf = ({ status, adapter }: PeerPath) => ranks[status] + (adapter.status === 'up' ? 0 : 3);
