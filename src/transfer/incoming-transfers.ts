/** The effects of `incomingTransferMachine` at one stack: offers considered, clients adopted. */
import { createActor, type ActorRefFrom, type InspectionEvent } from 'xstate';
import type { CommitCargo, NodeMessage, OfferKey, TransferMessage } from '../../actors/protocol.ts';
import type {
  IncomingTransfer,
  IncomingTransferEvent,
  incomingTransferMachine,
} from '../../actors/transfer/incoming-transfer.ts';
import type {
  ApplicationName,
  CarrierName,
  NodeId,
  Refusal,
  Tuple,
} from '../../actors/vocabulary.ts';
import { limits } from '../limits.ts';
import type { Links } from '../runtime/links.ts';
import type { Arrival } from './arrival.ts';
import type { Client } from './client.ts';
import type { Clients } from './clients.ts';
import type { StackEnd } from './control-channel.ts';
import type { Socket } from 'node:net';

type Logic = typeof incomingTransferMachine;
type Offer = Extract<TransferMessage, { type: 'transfer.offer' }>;
type Commit = Extract<TransferMessage, { type: 'transfer.commit' }>;
interface Args {
  readonly context: IncomingTransfer;
  readonly self: { send(event: IncomingTransferEvent): void };
}

/** One offer under way, beside its machine. */
interface Underway {
  readonly number: number;
  readonly giver: NodeId;
  readonly offer: Offer;
  readonly actor: ActorRefFrom<Logic>;
  channel?: StackEnd;
  commit?: Commit;
  arrival?: Arrival;
  socket?: Socket;
}

/** What the offers to a stack need of it. */
export interface IncomingWorld {
  readonly links: Links;
  readonly clients: Clients;
  /** The carriers that this stack can take. */
  readonly carriers: readonly CarrierName[];
  arrivalOf(cargo: CommitCargo, tuple: Tuple, allowHalfOpen: boolean): Arrival;
  readonly inspect: ((event: InspectionEvent) => void) | undefined;
  /** The channel of a target application that listens here, and whether it allows half-open. */
  targetChannel(
    application: ApplicationName,
  ): { channel: StackEnd; allowHalfOpen: boolean } | undefined;
  onServed(client: Client, giver: NodeId): void;
}

export class IncomingTransfers {
  readonly #world: IncomingWorld;
  readonly #logic: Logic;
  readonly #byKey = new Map<string, Underway>();
  readonly #byNumber = new Map<number, Underway>();
  #lastNumber = 0;
  #onSettled: (() => void) | undefined;

  constructor(world: IncomingWorld, logicWith: (effects: IncomingTransfers['effects']) => Logic) {
    this.#world = world;
    this.#logic = logicWith(this.effects);
    world.links.subscribe({
      onMessage: (from, message) => this.#hear(from, message),
      onLost: (giver) => {
        for (const { actor, giver: other } of this.#byKey.values()) {
          if (other === giver) actor.send({ type: 'giver.lost' });
        }
      },
    });
  }

  get size(): number {
    return this.#byKey.size;
  }

  /** The application's answer to an offer. */
  decide(number: number, refusal: Refusal | undefined): void {
    const actor = this.#byNumber.get(number)?.actor;
    if (refusal) actor?.send({ type: 'application.rejected', refusal });
    else actor?.send({ type: 'application.accepted' });
  }

  /** Calls back once, when none is under way. */
  whenSettled(callback: () => void): void {
    if (this.size === 0) callback();
    else this.#onSettled = callback;
  }

  readonly effects = {
    consider: ({ context, self }: Args) => {
      const underway = this.#of(context);
      const { application, connection, state } = underway.offer;
      const listener = this.#world.targetChannel(application);
      if (!listener) {
        self.send({ type: 'application.rejected', refusal: unheard(application) });
        return;
      }
      underway.channel = listener.channel;
      const { number: offer, giver } = underway;
      listener.channel.send({ type: 'offer.made', offer, giver, connection, state });
    },
    sendAccept: ({ context }: Args) =>
      this.#send(context, {
        type: 'transfer.accept',
        carriers: this.#world.carriers,
        ...keyOf(context),
      }),
    sendReject: ({ context }: Args, refusal: Refusal) =>
      this.#send(context, { type: 'transfer.reject', refusal, ...keyOf(context) }),
    confirm: ({ context }: Args) =>
      this.#send(context, { type: 'transfer.confirm', ...keyOf(context) }),
    claim: ({ context, self }: Args) => {
      const underway = this.#of(context);
      const { commit, offer } = underway;
      if (!commit) return;
      const { tuple } = offer.connection;
      const allowHalfOpen = this.#world.targetChannel(offer.application)?.allowHalfOpen ?? false;
      underway.arrival = this.#world.arrivalOf(commit, tuple, allowHalfOpen);
      underway.arrival.claim((claimed) =>
        self.send({ type: claimed ? 'custody.claimed' : 'custody.missed' }),
      );
    },
    adopt: ({ context, self }: Args) => {
      const underway = this.#of(context);
      const socket = underway.arrival?.adopt();
      if (socket) underway.socket = socket;
      self.send({ type: socket ? 'client.adopted' : 'client.broken' });
    },
    serve: ({ context }: Args) => {
      const { socket, commit, offer, channel, number, giver } = this.#of(context);
      if (!socket || !commit || !channel) return;
      const relay = commit.carrier === 'relay' ? commit.relay : undefined;
      const client = this.#world.clients.hold(socket, offer.connection, commit.carrier, relay);
      channel.send({ type: 'client.served', offer: number, client: client.id });
      this.#world.onServed(client, giver);
    },
    dismiss: ({ context }: Args) => {
      const { channel, number } = this.#of(context);
      channel?.send({ type: 'offer.dropped', offer: number });
    },
  };

  #hear(giver: NodeId, message: NodeMessage): boolean {
    switch (message.type) {
      case 'transfer.offer':
        this.#begin(giver, message);
        return true;
      case 'transfer.commit': {
        const underway = this.#byKey.get(nameOf({ giver, ...message }));
        if (underway) underway.commit = message;
        underway?.actor.send({ type: 'transfer.committed' });
        return true;
      }
      case 'transfer.cancel':
        this.#byKey.get(nameOf({ giver, ...message }))?.actor.send({ type: 'offer.cancelled' });
        return true;
      default:
        return false;
    }
  }

  #begin(giver: NodeId, offer: Offer): void {
    this.#lastNumber += 1;
    const { transfer, attempt } = offer;
    const { considerMs, reserveMs } = limits;
    const input = { giver, transfer, attempt, limits: { considerMs, reserveMs } };
    const { inspect } = this.#world;
    const actor = createActor(this.#logic, { input, ...(inspect && { inspect }) });
    const underway = { number: this.#lastNumber, giver, offer, actor };
    this.#byKey.set(nameOf(input), underway);
    this.#byNumber.set(underway.number, underway);
    actor.subscribe({ complete: () => this.#finish(input) });
    actor.start();
  }

  #finish(key: OfferKey & { giver: NodeId }): void {
    const { number } = this.#of(key);
    this.#byKey.delete(nameOf(key));
    this.#byNumber.delete(number);
    if (this.size === 0) this.#onSettled?.();
  }

  #send({ giver }: IncomingTransfer, message: TransferMessage): void {
    this.#world.links.send(giver, message);
  }

  #of(key: OfferKey & { giver: NodeId }): Underway {
    const underway = this.#byKey.get(nameOf(key));
    if (!underway) throw new Error(`Offer ${nameOf(key)} is not under way.`);
    return underway;
  }
}

const keyOf = ({ transfer, attempt }: OfferKey): OfferKey => ({ transfer, attempt });
const nameOf = ({ giver, transfer, attempt }: OfferKey & { giver: NodeId }) =>
  `${giver}/${transfer}/${attempt}`;
const unheard = (application: ApplicationName): Refusal => ({
  code: 'IPX_TARGET_NONE',
  reason: `No application "${application}" listens here any more.`,
});
