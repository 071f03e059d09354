/**
 * A chart as SCXML (W3C, 2015), for tools that read it. What a state does is named, not written
 * out: actions and guards are code, and stand as attributes of a namespace of our own.
 */
import type { Chart, ChartArrow, ChartState } from './chart.ts';
import { element, printElement, type Element } from './drawing.ts';

const namespaces = {
  xmlns: 'http://www.w3.org/2005/07/scxml',
  'xmlns:interplex': 'urn:interplex:chart',
};

export function scxmlOf({ machine, root, arrows }: Chart): string {
  const isParallel = root.type === 'parallel';
  const states = isParallel ? [stateOf(root, arrows, machine)] : insideOf(root, arrows, machine);
  const whole = arrows.filter(({ source }) => source === '' && !isParallel);
  const initial = root.initial === undefined ? {} : { initial: idOf(root.initial) };
  const attributes = { ...namespaces, version: '1.0', name: machine };
  // SCXML's root has no transitions: those of the whole machine need a state around all others.
  const wrapped =
    whole.length === 0
      ? states
      : [
          element(
            'state',
            { id: idOf('', machine), ...initial },
            ...whole.flatMap((arrow) => transitionsOf(arrow, machine)),
            ...states,
          ),
        ];
  const top = whole.length === 0 ? initial : { initial: idOf('', machine) };
  const text = printElement(element('scxml', { ...attributes, ...top }, ...wrapped));
  return `<?xml version="1.0" encoding="UTF-8"?>\n${text.replaceAll('><', '>\n<')}\n`;
}

/** An XML name: the path, in characters that one may have. */
const idOf = (path: string, machine = ''): string =>
  (path || `machine-${machine}`).replaceAll(/[^\w.-]/g, '_');

const insideOf = ({ states }: ChartState, arrows: readonly ChartArrow[], machine: string) =>
  states.map((state) => stateOf(state, arrows, machine));

const tags = {
  atomic: 'state',
  compound: 'state',
  parallel: 'parallel',
  final: 'final',
  history: 'history',
} as const;

function stateOf(state: ChartState, arrows: readonly ChartArrow[], machine: string): Element {
  const { id, type, initial, isDeep, doings } = state;
  return element(
    tags[type],
    {
      id: idOf(id, machine),
      ...(initial !== undefined && { initial: idOf(initial) }),
      ...(type === 'history' && { type: isDeep ? 'deep' : 'shallow' }),
      ...(doings.length > 0 && { 'interplex:doings': doings.join('; ') }),
    },
    ...arrows
      .filter(({ source }) => source === id)
      .flatMap((arrow) => transitionsOf(arrow, machine)),
    ...insideOf(state, arrows, machine),
  );
}

function transitionsOf({ events, guard, targets, actions }: ChartArrow, machine: string) {
  const target = targets.map((id) => idOf(id, machine)).join(' ');
  return events.map((event) =>
    element('transition', {
      // What needs no event has none; a delay is told in words, for its length may be computed.
      ...(event !== 'always' && { event: event.replaceAll(' ', '.') }),
      ...(guard !== undefined && { cond: guard }),
      ...(target !== '' && { target }),
      ...(actions.length > 0 && { 'interplex:actions': actions.join(', ') }),
    }),
  );
}
