/** A trace for people: in numbered lines, and as a Mermaid sequence diagram. */
import type { AnyStateMachine } from 'xstate';
import type { System } from './system.ts';
import type { ActorState, SystemState } from './system-state.ts';
import type { TraceStep } from './trace.ts';
import type { TakenStep } from './retrace.ts';

/** Where everybody is. */
export const placeOf = ({ actors }: SystemState): string =>
  Object.entries(actors)
    .map(([name, state]) => `${name} ${placeText(state)}`)
    .join(', ');

function placeText({ value, status, isDown }: ActorState<AnyStateMachine>): string {
  if (isDown) return 'down';
  return status === 'stopped' ? 'absent' : valueText(value);
}

const valueText = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value));

export function textOfTrace(
  system: System,
  taken: readonly TakenStep[],
  cycleFrom: number | undefined,
): string {
  const lines = taken.map((step, index) => {
    const line = `${String(index + 1).padStart(3)}. ${lineOf(system, step)}`;
    return index === cycleFrom ? `     from here round and round:\n${line}` : line;
  });
  if (cycleFrom === taken.length) lines.push('     and so it stays');
  return lines.join('\n');
}

function lineOf(system: System, { step, move, before, after }: TakenStep): string {
  const { actor } = step;
  const at = (row: Int32Array) => placeText(system.stateOf(row).actors[actor]!);
  const [from, to] = [at(before), at(after)];
  const way = from === to ? `stays ${to}` : `${from} → ${to}`;
  const sends = move.sends.map((envelope) => {
    const { to: receiver, event } = system.envelopes.at(envelope);
    return `${receiver} ${eventText(event)}`;
  });
  const told = sends.length === 0 ? '' : `; sends ${sends.join(', ')}`;
  return `${whatHappens(step)}: ${way}${told}`;
}

function whatHappens({ kind, actor, from, child, effect, event }: TraceStep): string {
  const who = child === undefined ? actor : `${actor}/${child}`;
  const what = event === undefined ? 'nothing' : eventText(event);
  switch (kind) {
    case 'delivery':
      return `${who} gets ${what} of ${from}`;
    case 'repetition':
      return `${who} gets ${what} of ${from}, not for the last time`;
    case 'loss':
      return `${who} never gets ${what} of ${from}`;
    case 'timer':
      return `${who}: ${what} is due`;
    case 'answer':
      return `${who} hears ${what} of ${effect}`;
    case 'unasked':
      return `${who} hears ${what}`;
    case 'crash':
      return `${who} crashes`;
    case 'restart':
      return `${who} starts again`;
  }
}

/** An event's name, with what it carries. */
function eventText({ type, ...rest }: { readonly type: string }): string {
  const carried = Object.entries(rest).filter(([, value]) => value !== undefined);
  const name = eventName(type);
  return carried.length === 0 ? name : `${name} ${JSON.stringify(Object.fromEntries(carried))}`;
}

/** Without the marks that XState puts on timers and children. */
function eventName(type: string): string {
  const [, kind, rest] = /^xstate\.(after|done\.actor|error\.actor)\.(.+)$/.exec(type) ?? [];
  if (kind === undefined || rest === undefined) return type;
  const [delay] = rest.split('.', 1);
  return kind === 'after' ? `after ${delay}` : `${kind.replace('.actor', '')} ${rest}`;
}

/** Messages are drawn where they arrive. */
export function diagramOfTrace(names: readonly string[], steps: readonly TraceStep[]): string {
  const ids = new Map(names.map((name, index) => [name, `a${index + 1}`]));
  const idOf = (name: string | undefined) => ids.get(name ?? '') ?? '';
  const involved = new Set(steps.flatMap(({ actor, from }) => [actor, from]));
  const participants = names
    .filter((name) => involved.has(name))
    .map((name) => `  participant ${idOf(name)} as ${plain(name)}`);
  const lines = steps.map((step) => {
    const { kind, actor, from, event } = step;
    if (from === undefined) return `  Note over ${idOf(actor)}: ${plain(noteOf(step))}`;
    const arrow = kind === 'loss' ? '-x' : '->>';
    const message = plain(eventName(event?.type ?? ''));
    return `  ${idOf(from)}${arrow}${idOf(actor)}: ${message}`;
  });
  return ['sequenceDiagram', ...participants, ...lines].join('\n');
}

const noteOf = ({ kind, effect, event }: TraceStep): string => {
  if (event === undefined) return effect === undefined ? kind : `${effect} says nothing`;
  const name = eventName(event.type);
  return effect === undefined ? `${kind} ${name}` : `${effect}: ${name}`;
};

/** Mermaid reads some characters as its own. */
const plain = (text: string) => text.replaceAll(/[#;:\n]/g, ' ');
