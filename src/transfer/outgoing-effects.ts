/**
 * The effects of `outgoingTransferMachine`: what its actions mean for a client, its application and
 * the target's stack.
 */
import type {
  OutgoingTransfer,
  OutgoingTransferEvent,
  outgoingTransferMachine,
} from '../../actors/transfer/outgoing-transfer.ts';
import {
  epochAfter,
  type CarrierName,
  type ConnectionDescription,
  type NodeId,
  type Refusal,
  type TransferId,
} from '../../actors/vocabulary.ts';
import type { Links } from '../runtime/links.ts';
import type { Sight } from '../runtime/sight.ts';
import type { SteppedActor } from '../runtime/stepped-actor.ts';
import type { Client } from './client.ts';
import type { Clients } from './clients.ts';
import type { StackEnd } from './control-channel.ts';
import { isRefusal, type Departure } from './departure.ts';
import { taken } from './relay.ts';
import type { Begin } from './waiting-transfers.ts';

interface Args {
  readonly context: OutgoingTransfer;
  readonly self: { send(event: OutgoingTransferEvent): void };
}

/** One transfer under way, beside its machine: what a machine must not know. */
export interface Underway {
  readonly client: Client;
  readonly begin: Begin;
  readonly channel: StackEnd;
  readonly transfer: TransferId;
  readonly actor: SteppedActor<typeof outgoingTransferMachine>;
  readonly name: string;
  readonly begunAtMs: number;
  /** The application's, for the target that it has chosen. */
  state?: Uint8Array;
  target?: NodeId;
  /** Of the offer that is out. */
  attempt?: number;
  /** Of that attempt, once its offer was accepted. */
  departure?: Departure;
}

/** What the transfers of a stack need of it. */
export interface OutgoingWorld {
  readonly links: Links;
  readonly clients: Clients;
  readonly sight: Sight;
  /** The means by which a client may leave to a target that takes these; none: `undefined`. */
  departureOf(
    client: Client,
    target: NodeId,
    offered: readonly CarrierName[],
  ): Departure | undefined;
  isDead(node: NodeId): boolean;
  hopsMaxOf(connection: ConnectionDescription): number;
  /** The client is `target`'s now. */
  onMoved(arrival: ConnectionDescription, target: NodeId, carrier: CarrierName): void;
  onRefused(client: Client, refusal: Refusal): void;
}

export type OutgoingEffects = ReturnType<typeof outgoingEffects>;

const offeringEffects = (world: OutgoingWorld, of: (actor: object) => Underway) => ({
  askForTarget: ({ context: { attempts }, self }: Args) => {
    // The first choice follows the wish by itself; only later ones are asked for (CT-7, CT-8).
    const { channel, begin } = of(self);
    if (attempts.length === 0) return;
    channel.send({ type: 'target.wanted', client: begin.client, attempts });
  },
  sendOffer: ({ context: { target, attempts }, self }: Args) => {
    const underway = of(self);
    const { transfer, client, begin, state } = underway;
    const attempt = attempts.length;
    if (target === undefined || !state) return;
    underway.target = target;
    underway.attempt = attempt;
    delete underway.departure;
    const connection = arrivalOf(client);
    const offer = { transfer, attempt, application: begin.to, connection, state };
    if (world.links.send(target, { type: 'transfer.offer', ...offer })) return;
    self.send({ type: 'offer.rejected', attempt, refusal: unreachable(target) });
  },
  cancelOffer: ({ context: { attempts, target }, self }: Args) => {
    if (target === undefined) return;
    const { transfer } = of(self);
    world.links.send(target, {
      type: 'transfer.cancel',
      transfer,
      attempt: attempts.length,
    });
  },
});

const movingEffects = (world: OutgoingWorld, of: (actor: object) => Underway) => ({
  freeze: ({ self }: Args) =>
    of(self).departure?.freeze((refusal) =>
      self.send(refusal ? { type: 'client.unmovable', refusal } : { type: 'client.frozen' }),
    ),
  thaw: ({ self }: Args) => of(self).departure?.thaw(),
  commit: ({ context: { attempts, target }, self }: Args) => {
    const { transfer, departure } = of(self);
    const attempt = attempts.length;
    if (!departure || target === undefined) return;
    const cargo = departure.commit();
    if (!isRefusal(cargo)) {
      world.links.send(target, { type: 'transfer.commit', transfer, attempt, ...cargo });
      return;
    }
    world.links.send(target, { type: 'transfer.cancel', transfer, attempt });
    self.send({ type: 'offer.rejected', attempt, refusal: cargo });
  },
  reclaim: ({ context: { target }, self }: Args) => {
    const isTargetDead = target !== undefined && world.isDead(target);
    of(self).departure?.reclaim(isTargetDead, (kept) =>
      self.send({ type: kept ? 'custody.kept' : 'custody.passed' }),
    );
  },
  release: ({ context: { target }, self }: Args) => {
    const { client, departure } = of(self);
    if (target === undefined || !departure) return;
    departure.settle();
    world.onMoved(arrivalOf(client), target, departure.carrier);
    world.clients.depart(client);
  },
});

/** `of` tells whose effect it is, by the actor that performs it. */
export const outgoingEffects = (world: OutgoingWorld, of: (actor: object) => Underway) => ({
  ...offeringEffects(world, of),
  ...movingEffects(world, of),
});

const unreachable = (target: NodeId): Refusal => ({
  code: 'IPX_TARGET_LOST',
  reason: `There is no link to ${target}.`,
});

/** The connection as it will be at the target (CT-9: a byte from the client starts the count). */
export const arrivalOf = ({ connection, socket, relay }: Client): ConnectionDescription => ({
  ...connection,
  epoch: epochAfter(connection.epoch),
  hops: connection.hops + 1,
  hopsSilent: socket.bytesRead > (relay ? taken.length : 0) ? 1 : connection.hopsSilent + 1,
});
