/**
 * The transfers that one stack gives, each a machine, and their window: each under way holds a
 * descriptor more, so those beyond the window wait their turn.
 */
import type { NodeMessage, TransferMessage, TransferOutcome } from '../../actors/protocol.ts';
import type {
  OutgoingTransferEvent,
  OutgoingTransferResult,
  outgoingTransferMachine,
} from '../../actors/transfer/outgoing-transfer.ts';
import type { NodeId, Refusal, TransferId } from '../../actors/vocabulary.ts';
import { immovability } from '../io/tcp.ts';
import { limits } from '../limits.ts';
import { lasting, seenAs } from '../runtime/sight.ts';
import { SteppedActor, SteppedLogic } from '../runtime/stepped-actor.ts';
import type { Client } from './client.ts';
import type { StackEnd } from './control-channel.ts';
import {
  arrivalOf,
  outgoingEffects,
  type OutgoingEffects,
  type OutgoingWorld,
  type Underway,
} from './outgoing-effects.ts';
import {
  WaitingTransfers,
  type Begin,
  type ClientWord,
  type Waiting,
} from './waiting-transfers.ts';

type Logic = typeof outgoingTransferMachine;
type Result = OutgoingTransferResult;
type Accept = Extract<TransferMessage, { type: 'transfer.accept' }>;

export class OutgoingTransfers {
  readonly #world: OutgoingWorld;
  readonly #logic: SteppedLogic<Logic>;
  readonly #underway = new Map<TransferId, Underway>();
  readonly #byClient = new Map<Client, Underway>();
  readonly #byActor = new WeakMap<object, Underway>();
  readonly #waiting = new WaitingTransfers();
  #lastId = 0;
  #onSettled: (() => void) | undefined;

  constructor(world: OutgoingWorld, logicWith: (effects: OutgoingEffects) => Logic) {
    this.#world = world;
    this.effects = outgoingEffects(world, (actor) => this.#of(actor));
    this.#logic = new SteppedLogic(logicWith(this.effects));
    world.sight.onStepped(() => lasting(this.#underway.values()));
    world.links.subscribe({
      onMessage: (from, message) => this.#hear(from, message),
      onLost: (target) => {
        for (const { actor } of this.#underway.values())
          actor.send({ type: 'target.lost', target });
      },
    });
  }

  get size(): number {
    return this.#underway.size + this.#waiting.size;
  }

  /** An application wants a client moved. Its answer is always one `transfer.settled`. */
  begin(begin: Begin, channel: StackEnd): void {
    const client = this.#world.clients.get(begin.client);
    const refused = client ? this.#refusalOf(client) : gone;
    if (!client || refused) {
      settle(channel, begin, { outcome: 'refused', ...(refused ?? gone), attempts: [] });
      return;
    }
    if (this.#underway.size < limits.transfersUnderwayMax) this.#start(client, begin, channel);
    else this.#waiting.add(client, begin, channel, (waiting) => this.#dismiss(waiting, late));
  }

  /** What the application says of its transfer: a choice of target, or that it has none. */
  choose(message: ClientWord): void {
    const client = this.#world.clients.get(message.client);
    const underway = client && this.#byClient.get(client);
    if (underway && message.type === 'target.chosen') underway.state = message.state;
    if (underway) underway.actor.send(eventOf(message));
    else if (client) this.#waiting.get(client)?.said.push(message);
  }

  /** The client's socket has closed: by its own will, or the application's. */
  clientClosed(client: Client): void {
    const waiting = this.#waiting.remove(client);
    if (waiting) this.#dismiss(waiting, gone);
    this.#byClient.get(client)?.actor.send({ type: 'client.unmovable', refusal: gone });
  }

  /** An application's channel has closed: what it asked for and is not committed is off. */
  cancelAllOf(channel: StackEnd): void {
    const refusal = {
      code: 'IPX_CHANNEL_CLOSED',
      reason: 'The application that asked for it closed its channel.',
    };
    for (const underway of this.#underway.values()) {
      if (underway.channel === channel) underway.actor.send({ type: 'cancel', refusal });
    }
    for (const waiting of this.#waiting.of(channel)) {
      this.#waiting.remove(waiting.client);
      this.#dismiss(waiting, refusal);
    }
  }

  /** Calls back once, when none is under way. */
  whenSettled(callback: () => void): void {
    if (this.size === 0) callback();
    else this.#onSettled = callback;
  }

  readonly effects: OutgoingEffects;

  #start(client: Client, begin: Begin, channel: StackEnd): void {
    this.#lastId += 1;
    const transfer = this.#lastId as TransferId;
    const { deadlineMs, attemptsMax } = begin;
    const { transferDeadlineMs, answerMs, confirmMs } = limits;
    const actor = new SteppedActor({
      logic: this.#logic,
      // The same for all, so that their steps are, too; the deadline is this one's own.
      input: { attemptsMax, limits: { deadlineMs: transferDeadlineMs, answerMs, confirmMs } },
      delays: { deadline: deadlineMs },
      onDone: (output) => this.#finish(underway, output),
      onStep: seenAs(this.#world.sight, () => underway.name),
    });
    const name = `transfer ${transfer}`;
    const begunAtMs = performance.now();
    const underway: Underway = { transfer, client, begin, channel, actor, name, begunAtMs };
    this.#underway.set(transfer, underway);
    this.#byClient.set(client, underway);
    this.#byActor.set(actor, underway);
    actor.start();
  }

  #finish({ transfer, client, channel, begin, departure }: Underway, output: Result): void {
    this.#underway.delete(transfer);
    this.#byClient.delete(client);
    if (output.outcome === 'transferred') {
      settle(channel, begin, { carrier: departure?.carrier ?? 'none', ...output });
    } else {
      settle(channel, begin, output);
      this.#world.onRefused(client, output);
    }
    this.#startWaiting();
    if (this.size === 0) this.#onSettled?.();
  }

  #startWaiting(): void {
    while (this.#underway.size < limits.transfersUnderwayMax) {
      const next = this.#waiting.shift();
      if (!next) return;
      this.#start(next.client, next.begin, next.channel);
      for (const message of next.said) this.choose(message);
    }
  }

  /** A transfer that waited will not begin. */
  #dismiss({ channel, begin }: Waiting, refusal: Refusal): void {
    settle(channel, begin, { outcome: 'refused', ...refusal, attempts: [] });
    if (this.size === 0) this.#onSettled?.();
  }

  #hear(from: NodeId, message: NodeMessage): boolean {
    const event = answerOf(message);
    if (!event || !('transfer' in message)) return false;
    const underway = this.#underway.get(message.transfer);
    if (underway?.target !== from) return true;
    underway.actor.send(
      message.type === 'transfer.accept' ? this.#equip(underway, message) : event,
    );
    return true;
  }

  /** An accepted offer needs a carrier that both sides have. */
  #equip(underway: Underway, { attempt, carriers }: Accept): OutgoingTransferEvent {
    const { client, target } = underway;
    const isLate = underway.attempt !== attempt || underway.departure !== undefined;
    // The machine passes it over.
    if (isLate || target === undefined) return { type: 'offer.accepted', attempt };
    const departure = this.#world.departureOf(client, target, carriers);
    if (!departure) return { type: 'offer.rejected', attempt, refusal: carrierless };
    underway.departure = departure;
    return { type: 'offer.accepted', attempt };
  }

  #refusalOf(client: Client): Refusal | undefined {
    if (this.#byClient.has(client) || this.#waiting.get(client)) {
      return { code: 'IPX_CLIENT_MOVING', reason: 'A transfer of this client is under way.' };
    }
    const hopsMax = this.#world.hopsMaxOf(client.connection);
    if (arrivalOf(client).hopsSilent > hopsMax) {
      const reason = `The client was moved ${hopsMax} times since it last sent a byte.`;
      return { code: 'IPX_HOPS_EXCEEDED', reason };
    }
    if (this.#waiting.size >= limits.transfersWaitingMax) {
      return { code: 'IPX_CUSTODY_FULL', reason: 'Too many transfers are waiting here.' };
    }
    return immovability(client.socket);
  }

  #of(actor: object): Underway {
    const underway = this.#byActor.get(actor);
    if (!underway) throw new Error('An effect was performed for no transfer of this stack.');
    return underway;
  }
}

const gone: Refusal = { code: 'IPX_CLIENT_GONE', reason: 'The client has left.' };
const carrierless: Refusal = {
  code: 'IPX_CARRIER_NONE',
  reason: 'No carrier that is allowed here can be used at the target: see `carriers`.',
};
const late: Refusal = {
  code: 'IPX_DEADLINE',
  reason: 'Too many transfers are under way here: its turn did not come before the deadline.',
};

const settle = (channel: StackEnd, { client }: Begin, outcome: TransferOutcome) =>
  channel.send({ type: 'transfer.settled', client, outcome });

const eventOf = (message: ClientWord): OutgoingTransferEvent =>
  message.type === 'target.chosen'
    ? { type: 'target.chosen', target: message.target }
    : { type: 'target.none', refusal: message.refusal };

function answerOf(message: NodeMessage): OutgoingTransferEvent | undefined {
  if (message.type === 'transfer.accept') {
    return { type: 'offer.accepted', attempt: message.attempt };
  }
  if (message.type === 'transfer.reject') {
    return { type: 'offer.rejected', attempt: message.attempt, refusal: message.refusal };
  }
  if (message.type !== 'transfer.confirm') return undefined;
  return { type: 'transfer.confirmed', attempt: message.attempt };
}
