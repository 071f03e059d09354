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
  VipaName,
} from '../../actors/vocabulary.ts';
import { InterplexError, sentenceOf } from '../errors.ts';
import { limits } from '../limits.ts';
import { invalid } from '../options.ts';
import { encodeState } from '../wire/state.ts';
import { Client } from './client.ts';
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

/** Where a client can go by its plan: what an application chooses must be of these. */
interface KnownTargets {
  readonly application: string;
  readonly vipa: VipaName;
  readonly listed: readonly Target[];
}

/** A transfer that was asked for and has not ended. */
interface Request {
  readonly plan: TransferPlan;
  readonly tried: Set<Target>;
  readonly known: KnownTargets;
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
    requirePlan(client, plan);
    const { attemptsMax = limits.transferAttemptsMax, deadlineMs = limits.transferDeadlineMs } =
      plan;
    requirePositive('attemptsMax', attemptsMax);
    requirePositive('deadlineMs', deadlineMs);
    if (this.#requests.has(client.id)) {
      const reason = 'A transfer of this client is under way: await it before the next.';
      return { outcome: 'refused', code: 'IPX_CLIENT_MOVING', reason, attempts: [] };
    }
    const listed = this.#targets(client, plan.to);
    const known = { application: plan.to, vipa: client.connection.vipa, listed };
    const order = plan.prefer ? orderOf(plan.prefer(listed), known) : listed;
    return new Promise((resolve, reject) => {
      const request = { plan, known, order, tried: new Set<Target>(), resolve, reject };
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

function nextOf(request: Request, attempts: readonly Attempt[]): Target | undefined {
  const { plan, known, order, tried } = request;
  const untried = order.filter((target) => !tried.has(target));
  if (attempts.length === 0 || !plan.next) return untried[0];
  const next: unknown = plan.next(attempts, untried);
  return next === undefined || next === null ? undefined : targetOf(next, 'next', known);
}

/** A plain JavaScript program may give anything. Throws IPX_OPTION_INVALID. */
function orderOf(preferred: unknown, known: KnownTargets): readonly Target[] {
  if (typeof preferred === 'object' && preferred !== null && Symbol.iterator in preferred) {
    const choices = preferred as Iterable<unknown>;
    return Array.from(choices, (choice) => targetOf(choice, 'prefer', known));
  }
  throw invalid('prefer', 'it must return a list: some of the targets that it is given');
}

/**
 * One that is not listed any more is a choice, too: its stack, or that there is none, refuses it.
 * Throws IPX_OPTION_INVALID for what never was a target.
 */
function targetOf(choice: unknown, by: string, { application, vipa, listed }: KnownTargets) {
  const target = (choice ?? {}) as Target;
  const isTarget = typeof target.node === 'string' && target.application === application;
  if (isTarget && target.vipa === vipa) {
    return listed.find(({ node }) => node === target.node) ?? target;
  }
  const what = typeof choice === 'string' ? `"${choice}"` : 'something else';
  const why = `it gave ${what}, no target of "${application}": give some that it is given`;
  throw invalid(by, why);
}

function requirePlan(client: unknown, plan: TransferPlan): void {
  if (!(client instanceof Client)) {
    const sentence = 'transfer() takes a client and a plan: give the client that is to move.';
    throw new InterplexError('IPX_OPTION_INVALID', sentence);
  }
  if (typeof plan !== 'object' || plan === null) {
    const sentence = 'transfer() takes a client and a plan: give { to } at least as the plan.';
    throw new InterplexError('IPX_OPTION_INVALID', sentence);
  }
  if (typeof plan.to !== 'string') throw invalid('to', "give the target application's name");
  for (const name of ['prefer', 'next'] as const) {
    const isUsable = plan[name] === undefined || typeof plan[name] === 'function';
    if (!isUsable) throw invalid(name, 'give a function that chooses of the targets');
  }
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
