/**
 * Who has the thread: the actors of a node that have events waiting, each a bounded number of them
 * before the next, and all together a bounded time before the thread's sockets and timers.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { limits } from '../limits.ts';
import { Question, Turn, type ActorHost, type Delivery } from './actor-host.ts';
import type { Reply } from './reply.ts';

/** The clock costs more than an event: it is read once for so many. */
const clockEvents = 32;

/** In an actor's code, and in all that it awaits: which turn of which actor it is. */
const scope = new AsyncLocalStorage<Turn>();

/** The turn of an actor that the running code belongs to, if it does. */
export const currentTurn = (): Turn | undefined => scope.getStore();

export interface TurnsOptions {
  readonly onCrash: (host: ActorHost, error: unknown) => void;
  /** Hands on what peers have sent, a parcel at most, until `isOver`. False: there is nothing. */
  readonly readNext: (isOver: () => boolean) => boolean;
}

export class Turns {
  readonly #options: TurnsOptions;
  /** Hosts with something to do; a host is in it once. */
  #queue: ActorHost[] = [];
  #lastTurn = 0;
  #isRunning = false;
  #isComing = false;
  /** Until then what arrives is worked on at once. */
  #untilMs = 0;
  #arrived = 0;
  /** Of the monotonic clock, as of the last look. */
  #nowMs = performance.now();

  constructor(options: TurnsOptions) {
    this.#options = options;
  }

  /** Returns what found no place in the mailbox. `later` lets it run. */
  put(host: ActorHost, delivery: Delivery): Delivery | undefined {
    const refused = host.mailbox.put(delivery, this.#nowMs);
    if (refused === undefined && host.isRunnable && !host.isScheduled) this.#schedule(host);
    return refused;
  }

  /** The same for what `readNext` hands on: where nothing waits before it, it need not wait. */
  arrive(host: ActorHost, delivery: Delivery): Delivery | undefined {
    const isNext = host.mailbox.depth === 0 && host.isRunnable;
    if (!isNext || this.#isOver()) return this.put(host, delivery);
    this.#arrived += 1;
    if (this.#arrived % clockEvents === 0) this.#tick();
    this.#deliver(host, delivery);
    return undefined;
  }

  /** The host can take events again. */
  resume(host: ActorHost): void {
    if (host.mailbox.depth > 0 && !host.isScheduled) this.#schedule(host);
    this.later();
  }

  /** Works now, unless the thread has been used enough. */
  wake(): void {
    if (!this.#isRunning && !this.#isComing) this.#run();
  }

  /** Works soon, not on the stack of who calls. */
  later(): void {
    if (this.#isRunning || this.#isComing) return;
    this.#tick();
    this.#isComing = true;
    queueMicrotask(this.#run);
  }

  /** The thread has been used enough. */
  readonly #isOver = (): boolean => this.#nowMs >= this.#untilMs;

  #tick(): void {
    this.#nowMs = performance.now();
  }

  #schedule(host: ActorHost): void {
    host.isScheduled = true;
    this.#queue.push(host);
  }

  readonly #run = (): void => {
    this.#isComing = false;
    this.#isRunning = true;
    this.#tick();
    this.#untilMs = this.#nowMs + limits.turnMs;
    let isMore = true;
    while (isMore && !this.#isOver()) {
      this.#workOnce();
      // Read only when each host had its turn: so what is not read yet fills nobody's mailbox.
      isMore = this.#isOver() || this.#options.readNext(this.#isOver) || this.#queue.length > 0;
    }
    this.#untilMs = 0;
    this.#isRunning = false;
    if (!isMore) return;
    this.#isComing = true;
    setImmediate(this.#run);
  };

  /** A turn for each host that is scheduled now. */
  #workOnce(): void {
    const hosts = this.#queue;
    if (hosts.length === 0) return;
    this.#queue = [];
    for (const [index, host] of hosts.entries()) {
      if (this.#isOver()) {
        this.#queue = [...hosts.slice(index), ...this.#queue];
        return;
      }
      this.#work(host);
    }
  }

  #work(host: ActorHost): void {
    host.isScheduled = false;
    const { mailbox } = host;
    for (let count = 1; count <= limits.turnEvents && host.isRunnable; count += 1) {
      const delivery = mailbox.take();
      if (delivery === undefined) break;
      this.#deliver(host, delivery);
      if (count % clockEvents === 0) {
        this.#tick();
        if (this.#isOver()) break;
      }
    }
    if (host.onRoom.length > 0 && host.hasRoom) tellRoom(host);
    if (host.isRunnable && mailbox.depth > 0) this.#schedule(host);
    if (host.isIdle) host.onIdle?.();
  }

  #deliver(host: ActorHost, delivery: Delivery): void {
    const { behaviour } = host;
    if (!behaviour) return;
    try {
      if (delivery instanceof Question) this.#ask(host, delivery);
      else if (!behaviour.isSerial) behaviour.receive(delivery);
      else this.#begin(host, this.#turnOf(host), () => behaviour.receive(delivery));
    } catch (error) {
      this.#options.onCrash(host, error);
    }
  }

  #ask(host: ActorHost, { event, reply }: Question): void {
    const { behaviour } = host;
    if (reply.isSettled) return; // Whoever asked has given up.
    reply.isBegun = true;
    const answer = (value: unknown) => {
      if (!reply.isSettled && isEvent(value)) reply.send(value);
    };
    if (behaviour?.isSerial === true) {
      this.#begin(host, this.#turnOf(host), () => behaviour.receive(event), answer);
      return;
    }
    scope.run(this.#turnOf(host, reply), () => behaviour?.receive(event));
  }

  /** One event of an actor that takes the next only when its promise for this one has settled. */
  #begin(
    host: ActorHost,
    turn: Turn,
    receive: () => unknown,
    answer: (value: unknown) => void = () => undefined,
  ): void {
    const outcome = scope.run(turn, receive);
    if (!(outcome instanceof Promise)) {
      answer(outcome);
      return;
    }
    host.turn = turn;
    const end = () => {
      if (host.turn !== turn) return; // It has crashed or ended meanwhile.
      host.turn = undefined;
      if (host.isRunnable) this.resume(host);
      if (host.isIdle) host.onIdle?.();
    };
    const crash = (error: unknown) => {
      if (host.turn === turn) this.#options.onCrash(host, error);
    };
    // What cannot be packed as an answer is a crash, too.
    outcome.then((value: unknown) => answer(value)).then(end, crash);
  }

  #turnOf({ reference: { address } }: ActorHost, reply?: Reply): Turn {
    this.#lastTurn += 1;
    return new Turn(address, this.#lastTurn, reply);
  }
}

/** Lets those go on who wait to send. */
export function tellRoom(host: ActorHost): void {
  const waiting = host.onRoom;
  host.onRoom = [];
  for (const resolve of waiting) resolve();
}

const isEvent = (value: unknown): value is { type: string } =>
  typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
