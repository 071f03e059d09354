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
  /** So little waits that the node may take more from its peers. */
  readonly onRelief: () => void;
}

export class Turns {
  readonly #options: TurnsOptions;
  /** Hosts with something to do; a host is in it once. */
  #queue: ActorHost[] = [];
  #lastTurn = 0;
  #isRunning = false;
  /** Until then what arrives is worked on at once. */
  #readingUntilMs = 0;
  #arrived = 0;
  #isComing = false;
  /** Events that wait and could be worked on. */
  #backlog = 0;
  /** Of the monotonic clock, as of the last look. */
  nowMs = performance.now();

  constructor(options: TurnsOptions) {
    this.#options = options;
  }

  get isBehind(): boolean {
    return this.#backlog > limits.turnBacklogMax;
  }

  tick(): void {
    this.nowMs = performance.now();
  }

  /**
   * While `read` hands on what a peer has packed, each event is worked on at once where nothing
   * waits before it: most of them never lie in a mailbox.
   */
  readAll(read: () => void): void {
    if (this.#isRunning || this.#isComing) {
      read(); // The thread has been used enough: they wait.
      return;
    }
    this.#isRunning = true;
    this.tick();
    this.#readingUntilMs = this.nowMs + limits.turnMs;
    try {
      read();
    } finally {
      this.#readingUntilMs = 0;
      this.#run();
    }
  }

  /** The same as `put`, for what `readAll` reads. */
  arrive(host: ActorHost, delivery: Delivery): Delivery | undefined {
    const isFirst = host.mailbox.depth === 0 && host.isRunnable;
    if (!isFirst || this.nowMs >= this.#readingUntilMs) return this.put(host, delivery);
    this.#arrived += 1;
    if (this.#arrived % clockEvents === 0) this.tick();
    this.#deliver(host, delivery);
    return undefined;
  }

  /** Returns what found no place in the mailbox. `later` lets it run. */
  put(host: ActorHost, delivery: Delivery): Delivery | undefined {
    const refused = host.mailbox.put(delivery, this.nowMs);
    if (refused === undefined && host.isRunnable) {
      this.#backlog += 1;
      if (!host.isScheduled) this.#schedule(host);
    }
    return refused;
  }

  /** The host can take events again. */
  resume(host: ActorHost): void {
    this.#backlog += host.mailbox.depth;
    if (host.mailbox.depth > 0 && !host.isScheduled) this.#schedule(host);
    this.later();
  }

  /** The host takes no events until it is resumed; whether it could is asked before that changes. */
  suspend(host: ActorHost): void {
    if (host.isRunnable) this.#backlog -= host.mailbox.depth;
  }

  /** Works soon, not on the stack of who calls. */
  later(): void {
    if (this.#isRunning || this.#isComing) return;
    this.tick();
    this.#isComing = true;
    queueMicrotask(this.#run);
  }

  #schedule(host: ActorHost): void {
    host.isScheduled = true;
    this.#queue.push(host);
  }

  readonly #run = (): void => {
    this.#isComing = false;
    this.#isRunning = true;
    this.tick();
    const until = this.nowMs + limits.turnMs;
    let next = 0;
    for (; next < this.#queue.length && this.nowMs < until; next += 1) {
      const host = this.#queue[next];
      if (host) this.#work(host, until);
    }
    if (next === this.#queue.length) this.#queue.length = 0;
    else this.#queue = this.#queue.slice(next);
    this.#isRunning = false;
    if (this.#queue.length > 0) {
      this.#isComing = true;
      setImmediate(this.#run);
    }
    if (!this.isBehind) this.#options.onRelief();
  };

  #work(host: ActorHost, until: number): void {
    host.isScheduled = false;
    const { mailbox } = host;
    for (let count = 1; count <= limits.turnEvents && host.isRunnable; count += 1) {
      const delivery = mailbox.take();
      if (delivery === undefined) break;
      this.#backlog -= 1;
      this.#deliver(host, delivery);
      if (count % clockEvents === 0) {
        this.tick();
        if (this.nowMs >= until) break;
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
    this.suspend(host);
    host.turn = turn;
    const end = () => {
      if (host.turn !== turn) return; // It has crashed or ended meanwhile.
      host.turn = undefined;
      if (host.isRunnable) this.resume(host);
      if (host.isIdle) host.onIdle?.();
    };
    outcome.then(
      (value) => {
        answer(value);
        end();
      },
      (error: unknown) => {
        if (host.turn === turn) this.#options.onCrash(host, error);
      },
    );
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
