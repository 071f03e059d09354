/** The effects of `incomingTransferMachine` at one stack: offers considered, clients adopted. */
import type { CommitCargo, NodeMessage, OfferKey, TransferMessage } from '../../actors/protocol.ts';
import type {
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
import { lasting, seenAs, type Sight } from '../runtime/sight.ts';
import { SteppedActor, SteppedLogic } from '../runtime/stepped-actor.ts';
import type { Arrival } from './arrival.ts';
import type { Client } from './client.ts';
import type { Clients } from './clients.ts';
import type { StackEnd } from './control-channel.ts';
import { sharingWords } from './words.ts';
import type { Socket } from 'node:net';

type Logic = typeof incomingTransferMachine;
type Offer = Extract<TransferMessage, { type: 'transfer.offer' }>;
type Commit = Extract<TransferMessage, { type: 'transfer.commit' }>;
/** What a giver is told. */
type Answer =
  | { type: 'transfer.accept'; carriers: readonly CarrierName[] }
  | { type: 'transfer.reject'; refusal: Refusal }
  | { type: 'transfer.confirm' };
interface Args {
  readonly self: { send(event: IncomingTransferEvent): void };
}

/** One offer under way, beside its machine. */
interface Underway {
  readonly number: number;
  readonly giver: NodeId;
  readonly offer: Offer;
  readonly actor: SteppedActor<Logic>;
  readonly name: string;
  readonly begunAtMs: number;
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
  readonly sight: Sight;
  /** The channel of a target application that listens here, and whether it allows half-open. */
  targetChannel(
    application: ApplicationName,
  ): { channel: StackEnd; allowHalfOpen: boolean } | undefined;
  onServed(client: Client, giver: NodeId): void;
}

export class IncomingTransfers {
  readonly #world: IncomingWorld;
  readonly #logic: SteppedLogic<Logic>;
  readonly #byKey = new Map<string, Underway>();
  readonly #byNumber = new Map<number, Underway>();
  readonly #byActor = new WeakMap<object, Underway>();
  #lastNumber = 0;
  #onSettled: (() => void) | undefined;

  constructor(world: IncomingWorld, logicWith: (effects: IncomingTransfers['effects']) => Logic) {
    this.#world = world;
    this.#logic = new SteppedLogic(logicWith(this.effects));
    world.sight.onStepped(() => lasting(this.#byNumber.values()));
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
    consider: ({ self }: Args) => {
      const underway = this.#of(self);
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
    sendAccept: ({ self }: Args) =>
      this.#answer(self, { type: 'transfer.accept', carriers: this.#world.carriers }),
    sendReject: ({ self }: Args, refusal: Refusal) =>
      this.#answer(self, { type: 'transfer.reject', refusal }),
    confirm: ({ self }: Args) => this.#answer(self, { type: 'transfer.confirm' }),
    claim: ({ self }: Args) => {
      const underway = this.#of(self);
      const { commit, offer } = underway;
      if (!commit) return;
      const { tuple } = offer.connection;
      const allowHalfOpen = this.#world.targetChannel(offer.application)?.allowHalfOpen ?? false;
      underway.arrival = this.#world.arrivalOf(commit, tuple, allowHalfOpen);
      underway.arrival.claim((claimed) =>
        self.send({ type: claimed ? 'custody.claimed' : 'custody.missed' }),
      );
    },
    adopt: ({ self }: Args) => {
      const underway = this.#of(self);
      const socket = underway.arrival?.adopt();
      if (socket) underway.socket = socket;
      self.send({ type: socket ? 'client.adopted' : 'client.broken' });
    },
    serve: ({ self }: Args) => {
      const { socket, commit, offer, channel, number, giver } = this.#of(self);
      if (!socket || !commit || !channel) return;
      const relay = commit.carrier === 'relay' ? commit.relay : undefined;
      const client = this.#world.clients.hold(socket, offer.connection, relay);
      channel.send({ type: 'client.served', offer: number, client: client.id });
      queueMicrotask(() => this.#world.onServed(client, giver)); // After it is read again.
    },
    dismiss: ({ self }: Args) => {
      const { channel, number } = this.#of(self);
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

  #begin(giver: NodeId, message: Offer): void {
    const offer = { ...message, connection: sharingWords(message.connection) };
    this.#lastNumber += 1;
    const number = this.#lastNumber;
    const { considerMs, reserveMs } = limits;
    const actor = new SteppedActor({
      logic: this.#logic,
      input: { limits: { considerMs, reserveMs } },
      onDone: () => this.#finish(underway),
      onStep: seenAs(this.#world.sight, () => underway.name),
    });
    const name = `offer ${number}`;
    const begunAtMs = performance.now();
    const underway: Underway = { number, giver, offer, actor, name, begunAtMs };
    this.#byKey.set(nameOf({ giver, ...offer }), underway);
    this.#byNumber.set(number, underway);
    this.#byActor.set(actor, underway);
    actor.start();
  }

  #finish({ giver, offer, number }: Underway): void {
    this.#byKey.delete(nameOf({ giver, ...offer }));
    this.#byNumber.delete(number);
    if (this.size === 0) this.#onSettled?.();
  }

  #answer(actor: object, answer: Answer): void {
    const { giver, offer } = this.#of(actor);
    const { transfer, attempt } = offer;
    // Named first: V8 gives what adds members after a spread a shape of its own (`outgoing-frame`).
    this.#world.links.send(giver, { transfer, attempt, ...answer });
  }

  #of(actor: object): Underway {
    const underway = this.#byActor.get(actor);
    if (!underway) throw new Error('An effect was performed for no offer to this stack.');
    return underway;
  }
}

const nameOf = ({ giver, transfer, attempt }: OfferKey & { giver: NodeId }) =>
  `${giver}/${transfer}/${attempt}`;
const unheard = (application: ApplicationName): Refusal => ({
  code: 'IPX_TARGET_NONE',
  reason: `No application "${application}" listens here any more.`,
});
