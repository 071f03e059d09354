/** A machine's state with all that its future depends on. */
import type {
  AnyEventObject,
  AnyMachineSnapshot,
  AnyStateMachine,
  ContextFrom,
  SnapshotFrom,
  StateValue,
  StateValueFrom,
} from 'xstate';
import type { Children, Outstanding } from './answers.ts';
import type { Effect } from './effects.ts';
import { fingerprintOf } from './fingerprint.ts';

/** A state that was reached; alike states of one walk are one object. */
export interface State<Machine extends AnyStateMachine> {
  readonly value: StateValueFrom<Machine>;
  readonly context: ContextFrom<Machine>;
  readonly status: AnyMachineSnapshot['status'];
  readonly output: unknown;
  /** The ids of the living children. */
  readonly children: readonly string[];
  /** The names of the armed timers. */
  readonly timers: readonly string[];
  /** The answers that may still come. */
  readonly outstanding: readonly Outstanding[];
  readonly matches: SnapshotFrom<Machine>['matches'];
  readonly hasTag: SnapshotFrom<Machine>['hasTag'];
}

/** The machine's own part: what it does next depends on this and on nothing else. */
export interface Own {
  readonly snapshot: AnyMachineSnapshot;
  readonly children: Children;
  readonly timers: Timers;
  /** What tells it from others, in a form that is equal where they are. */
  readonly parts: readonly unknown[];
}
export type Timers = ReadonlyMap<string, AnyEventObject>;

export function ownOf(snapshot: AnyMachineSnapshot, children: Children, timers: Timers): Own {
  const history = Object.entries(snapshot.historyValue).map(([id, nodes]) => [
    id,
    nodes.map((node) => node.id).toSorted(),
  ]);
  const parts: unknown[] = [snapshot.value, snapshot.context, snapshot.status];
  parts.push(snapshot.output, snapshot.error, history);
  // As objects: of these the order does not count.
  parts.push(Object.fromEntries(children), Object.fromEntries(timers));
  return { snapshot, children, timers, parts };
}

export const stateOf = <Machine extends AnyStateMachine>(
  { snapshot, children, timers }: Own,
  outstanding: readonly Outstanding[],
): State<Machine> => ({
  value: snapshot.value as StateValueFrom<Machine>,
  context: snapshot.context as ContextFrom<Machine>,
  status: snapshot.status,
  output: snapshot.output,
  children: Array.from(children.keys()),
  timers: Array.from(timers.keys()),
  outstanding,
  matches: matchesOf(snapshot) as State<Machine>['matches'],
  hasTag: ((tag: string) => snapshot.hasTag(tag)) as State<Machine>['hasTag'],
});

/** Claims ask this of every state there is; XState's own answer takes a while. */
function matchesOf(snapshot: AnyMachineSnapshot): (value: StateValue) => boolean {
  const known = new Map<StateValue, boolean>();
  return (value) => {
    const answer = known.get(value) ?? snapshot.matches(value);
    if (typeof value === 'string') known.set(value, answer);
    return answer;
  };
}

/** The timers armed after a step: one that has fired is armed no more, unless anew. */
export function timersAfter(
  before: Timers,
  fired: AnyEventObject | undefined,
  effects: readonly Effect[],
): Timers {
  const isFired = (event: AnyEventObject) => fingerprintOf(event) === fingerprintOf(fired);
  const timers = new Map(Array.from(before).filter(([, event]) => !isFired(event)));
  for (const effect of effects) {
    if (effect.type === 'arm') timers.set(effect.timer, effect.event);
    else if (effect.type === 'disarm') timers.delete(effect.timer);
  }
  return timers;
}
