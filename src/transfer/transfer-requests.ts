/**
 * The application's side of its transfers: it names targets in its own order, one at a time, with
 * a state made anew for each (CT-7, CT-8), and is told how each transfer ended.
 */
import type { StackMessage, TransferOutcome } from '../../actors/protocol.ts';
import type {
  ApplicationName,
  Attempt,
  ClientId,
  Refusal,
  Target,
} from '../../actors/vocabulary.ts';
import { InterplexError, sentenceOf } from '../errors.ts';
import { limits } from '../limits.ts';
import { encodeState } from '../wire/state.ts';
import type { Client } from './client.ts';
import type { ApplicationEnd } from './control-channel.ts';

/** What an application wants done with a client. */
export interface TransferPlan {
  /** The target application's name. */
  readonly to: string;
  /** The order in which targets are tried; those left out are not tried. Default: as listed. */
  readonly prefer?: (targets: readonly Target[]) => Iterable<Target>;
  /** Chooses the next target after a refusal. Default: the next in that order. */
  readonly next?: (attempts: readonly Attempt[], untried: readonly Target[]) => Target | undefined;
  /** The application's state for the target: a value, or a function of the target selected. */
  readonly state?: unknown;
  /** From 1. Default 8. */
  readonly attemptsMax?: number;
  /** Over all attempts, in milliseconds. Default 5 000. */
  readonly deadlineMs?: number;
}

/** How a transfer ended. Refused, the client is still here, whole and readable. */
export type TransferResult = TransferOutcome;

/** A transfer that was asked for and has not ended. */
interface Request {
  readonly plan: TransferPlan;
  readonly tried: Set<Target>;
  readonly order: readonly Target[];
  readonly resolve: (result: TransferResult) => void;
  readonly reject: (error: unknown) => void;
  /** What the application's own code threw: the refusal that follows is told as this. */
  thrown?: unknown;
}

export class TransferRequests {
  readonly #channel: ApplicationEnd;
  readonly #targets: (client: Client, application: string) => readonly Target[];
  readonly #requests = new Map<ClientId, Request>();

  constructor(
    channel: ApplicationEnd,
    targets: (client: Client, application: string) => readonly Target[],
  ) {
    this.#channel = channel;
    this.#targets = targets;
  }

  /**
   * Rejects with IPX_OPTION_INVALID, IPX_STATE_INVALID, IPX_STATE_LIMIT, or with what the plan's
   * functions threw; the client is then still here. Everything else is a result.
   */
  async request(client: Client, plan: TransferPlan): Promise<TransferResult> {
    const { attemptsMax = limits.transferAttemptsMax, deadlineMs = limits.transferDeadlineMs } =
      plan;
    requirePositive('attemptsMax', attemptsMax);
    requirePositive('deadlineMs', deadlineMs);
    if (this.#requests.has(client.id)) {
      const reason = 'A transfer of this client is under way: await it before the next.';
      return { outcome: 'refused', code: 'IPX_CLIENT_MOVING', reason, attempts: [] };
    }
    const listed = this.#targets(client, plan.to);
    const order = plan.prefer ? [...plan.prefer(listed)] : listed;
    return new Promise((resolve, reject) => {
      const request = { plan, order, tried: new Set<Target>(), resolve, reject };
      this.#requests.set(client.id, request);
      const to = plan.to as ApplicationName;
      const { id } = client;
      this.#channel.send({ type: 'transfer.begin', client: id, to, attemptsMax, deadlineMs });
      void this.#choose(id, request, []); // The first choice follows by itself.
    });
  }

  /** True when the stack's message was about a transfer. */
  hear(message: StackMessage): boolean {
    if (message.type === 'target.wanted') {
      const request = this.#requests.get(message.client);
      if (request) void this.#choose(message.client, request, message.attempts);
      return true;
    }
    if (message.type !== 'transfer.settled') return false;
    const request = this.#requests.get(message.client);
    this.#requests.delete(message.client);
    if (request?.thrown === undefined) request?.resolve(message.outcome);
    else request.reject(request.thrown);
    return true;
  }

  /** The channel has closed: no answer will come. */
  failAll(): void {
    const sentence = 'The control channel to the stack has closed: the node is stopping.';
    for (const { reject } of this.#requests.values()) {
      reject(new InterplexError('IPX_CHANNEL_CLOSED', sentence));
    }
    this.#requests.clear();
  }

  async #choose(client: ClientId, request: Request, attempts: readonly Attempt[]): Promise<void> {
    try {
      const target = nextOf(request, attempts);
      if (!target) {
        this.#channel.send({ type: 'target.none', client, refusal: exhausted(request, attempts) });
        return;
      }
      request.tried.add(target);
      const { state } = request.plan;
      const value = isOfTarget(state) ? await state(target) : state;
      if (this.#requests.get(client) !== request) return; // It ended meanwhile; another may be on.
      const bytes = encodeState(value);
      this.#channel.send({ type: 'target.chosen', client, target: target.node, state: bytes });
    } catch (error) {
      if (this.#requests.get(client) !== request) return;
      request.thrown = error;
      const refusal = { code: 'IPX_APPLICATION_FAILED', reason: sentenceOf(error) };
      this.#channel.send({ type: 'target.none', client, refusal });
    }
  }
}

const isOfTarget = (state: unknown): state is (target: Target) => unknown =>
  typeof state === 'function';

function nextOf({ plan, order, tried }: Request, attempts: readonly Attempt[]): Target | undefined {
  const untried = order.filter((target) => !tried.has(target));
  if (attempts.length === 0 || !plan.next) return untried[0];
  return plan.next(attempts, untried);
}

function exhausted({ plan, order }: Request, attempts: readonly Attempt[]): Refusal {
  const last = attempts.at(-1);
  if (last) return { code: last.code, reason: last.reason };
  const listens = order.length === 0 ? 'listens' : 'was chosen';
  return { code: 'IPX_TARGET_NONE', reason: `No application "${plan.to}" ${listens}.` };
}

function requirePositive(name: string, value: number): void {
  if (Number.isInteger(value) && value >= 1 && value <= limits.timerMsMax) return;
  const sentence = `${name} is ${value}: give a whole number from 1 to ${limits.timerMsMax}.`;
  throw new InterplexError('IPX_OPTION_INVALID', sentence);
}
