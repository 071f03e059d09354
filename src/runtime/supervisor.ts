/** The supervision of an actor or a node (AF-5): its machine at work, with the clock beside it. */
import { createActor, type Actor } from 'xstate';
import type {
  Supervision,
  SupervisionEvent,
  supervisionMachine,
  SupervisionInput,
} from '../../actors/supervision.ts';
import type { Refusal } from '../../actors/vocabulary.ts';
import type { RootListener } from './behaviours.ts';
import { limits } from '../limits.ts';
import { invalid, requireKnown, requireObject, type Known } from '../options.ts';

/** What a crash of an actor or a node leads to. */
export interface SupervisionOptions {
  /** Default `restart`. `escalate`: an actor's crash is its node's, a node's ends the cluster. */
  readonly strategy?: SupervisionInput['strategy'];
  /** The pause before a restart, doubled with each. Default from 100 ms to 10 s. */
  readonly backoffMs?: { readonly least?: number; readonly most?: number };
  /** Default 5 restarts within 60 s. */
  readonly intensity?: { readonly restarts?: number; readonly withinMs?: number };
  /** What one crash more leads to. Default `stop`: it stays down. */
  readonly whenExhausted?: SupervisionInput['whenExhausted'];
}

const knownOptions: Known<SupervisionOptions> = {
  strategy: true,
  backoffMs: true,
  intensity: true,
  whenExhausted: true,
};

/** What is supervised. `start` is answered by `started`, `ended` or `crashed`. */
export interface SupervisedChild {
  start(): void;
  onRestarting(restart: { afterMs: number } & Refusal): void;
  onFailed(refusal: Refusal): void;
  onEscalated(refusal: Refusal): void;
}

interface Args {
  readonly context: Supervision & { readonly refusal?: Refusal };
}
export interface SupervisionEffects {
  readonly startChild: () => void;
  readonly reportRestarting: (args: Args, params: { afterMs: number }) => void;
  readonly reportFailed: (args: Args) => void;
  readonly escalate: (args: Args) => void;
}
/** What is supervised, by name, and who sees its supervision at work. */
export interface Seen {
  readonly name: string;
  readonly onRoot: RootListener;
}

/** The machine with its effects. */
export type Supervise = (effects: SupervisionEffects) => typeof supervisionMachine;

const noReason: Refusal = { code: 'IPX_ACTOR_FAILED', reason: 'It has crashed.' };

export class Supervisor {
  /** Since it is supervised. */
  restarts = 0;
  readonly #actor: Actor<typeof supervisionMachine>;
  #lastCrashMs = performance.now();

  constructor(
    supervise: Supervise,
    input: SupervisionInput,
    child: SupervisedChild,
    { name, onRoot }: Seen,
  ) {
    const refusalIn = ({ context }: Args) => context.refusal ?? noReason;
    const logic = supervise({
      startChild: () => {
        this.restarts += 1;
        child.start();
      },
      reportRestarting: (args, { afterMs }) => child.onRestarting({ afterMs, ...refusalIn(args) }),
      reportFailed: (args) => child.onFailed(refusalIn(args)),
      escalate: (args) => child.onEscalated(refusalIn(args)),
    });
    this.#actor = createActor(logic, { id: `supervision of ${name}`, input });
    this.#actor.subscribe({ complete: onRoot(this.#actor) });
    this.#actor.start();
  }

  started(): void {
    this.#tell({ type: 'child.started' });
  }

  ended(): void {
    this.#tell({ type: 'child.ended' });
  }

  crashed(refusal: Refusal): void {
    const nowMs = performance.now();
    const sinceMs = nowMs - this.#lastCrashMs;
    this.#lastCrashMs = nowMs;
    this.#tell({ type: 'child.crashed', refusal, sinceMs });
  }

  /**
   * Calls off a restart that is to come of a child that is no more: also before its crash was told
   * here, and by who is told of the restart. False: there is none.
   */
  callOff(): boolean {
    const snapshot = this.#actor.getSnapshot();
    const isToCome = snapshot.matches('running') || snapshot.matches('backingOff');
    if (isToCome) this.ended();
    return isToCome;
  }

  stop(): void {
    this.#tell({ type: 'stop' });
  }

  /** What comes after its end changes nothing: a thread may end later than its supervision. */
  #tell(event: SupervisionEvent): void {
    if (this.#actor.getSnapshot().status === 'active') this.#actor.send(event);
  }
}

/** Throws IPX_OPTION_INVALID. */
export function parseSupervision(where: string, options: SupervisionOptions): SupervisionInput {
  requireObject(where, options);
  requireKnown(where, options, knownOptions);
  const { strategy = 'restart', whenExhausted = 'stop', backoffMs = {}, intensity = {} } = options;
  requireObject(`${where}.backoffMs`, backoffMs);
  requireObject(`${where}.intensity`, intensity);
  requireKnown(`${where}.backoffMs`, backoffMs, { least: true, most: true });
  requireKnown(`${where}.intensity`, intensity, { restarts: true, withinMs: true });
  oneOf(`${where}.strategy`, strategy, ['restart', 'stop', 'escalate']);
  oneOf(`${where}.whenExhausted`, whenExhausted, ['stop', 'escalate']);
  const { least = limits.backoffMs.least, most = Math.max(least, limits.backoffMs.most) } =
    backoffMs;
  const { restarts = limits.restartsMax, withinMs = limits.restartWindowMs } = intensity;
  milliseconds(`${where}.backoffMs.least`, least, limits.timerMsMax);
  milliseconds(`${where}.backoffMs.most`, most, limits.timerMsMax);
  milliseconds(`${where}.intensity.withinMs`, withinMs, Infinity);
  if (!Number.isInteger(restarts) || restarts < 0 || restarts > limits.restartsCountedMax) {
    const sentence = `give a whole number from 0 to ${limits.restartsCountedMax}`;
    throw invalid(`${where}.intensity.restarts`, sentence);
  }
  return { strategy, whenExhausted, backoffMs: { least, most }, intensity: { restarts, withinMs } };
}

function oneOf(option: string, value: string, words: readonly string[]): void {
  if (!words.includes(value)) throw invalid(option, `give one of ${words.join(', ')}`);
}

function milliseconds(option: string, value: number, most: number): void {
  if (typeof value === 'number' && value >= 0 && value <= most) return;
  throw invalid(option, `give a number of milliseconds from 0 to ${most}`);
}
