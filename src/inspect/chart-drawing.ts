/** A chart that has been laid out, as a picture: what is active lit, what was taken last marked. */
import {
  labelMargin,
  lineHeight,
  margin,
  type Box,
  type PlacedArrow,
  type PlacedChart,
} from './chart-layout.ts';
import type { PlacedState } from './chart-layout.ts';
import type { ChartArrow, ChartState } from './chart.ts';
import { element, printElement, type Element } from './drawing.ts';

export interface Lit {
  /** Ids of states. */
  readonly active?: ReadonlySet<string>;
  /** Ids of transitions. */
  readonly taken?: ReadonlySet<string>;
}

const none: ReadonlySet<string> = new Set();

/** Without colours: the page, or the file, has the style. */
export function drawChart(chart: PlacedChart, { active = none, taken = none }: Lit = {}): Element {
  const { machine, width, height, states, arrows, notes, starts } = chart;
  const isOf = (arrow: ChartArrow) => arrow.transitions.some((id) => taken.has(id));
  const isTaken = ({ arrow }: PlacedArrow) => arrow !== undefined && isOf(arrow);
  const takenLines = ({ id, doings }: ChartState) => {
    const own = notes.filter(({ source }) => source === id);
    const first = doings.length - own.length;
    return new Set(own.flatMap((note, index) => (isOf(note) ? [first + index] : [])));
  };
  // What was taken lies over the others.
  const ordered = [...arrows.filter((arrow) => !isTaken(arrow)), ...arrows.filter(isTaken)];
  return element(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      viewBox: `0 0 ${Math.ceil(width)} ${Math.ceil(height)}`,
      width: Math.ceil(width),
      height: Math.ceil(height),
      role: 'img',
      class: 'chart',
      'aria-label': `statechart of ${machine}`,
    },
    element('defs', {}, head('head', 'head'), head('head-taken', 'head taken')),
    ...states.map((placed) =>
      drawState(placed, active.has(placed.state.id), takenLines(placed.state)),
    ),
    ...starts.map(({ x, y, width: size }) =>
      element('circle', { class: 'start', cx: x + size / 2, cy: y + size / 2, r: size / 2 }),
    ),
    ...ordered.flatMap((arrow) => drawArrow(arrow, isTaken(arrow))),
    ...ordered.flatMap((arrow) => drawLabel(arrow, isTaken(arrow))),
  );
}

/** A whole file, with its colours for a light and a dark screen, or for one of them. */
export const printChart = (
  chart: PlacedChart,
  lit: Lit = {},
  theme: keyof typeof chartStyles = 'both',
): string => {
  const { tag, attributes, children } = drawChart(chart, lit);
  const styled = element(tag, attributes, element('style', {}, chartStyles[theme]), ...children);
  return `${printElement(styled)}\n`;
};

const head = (id: string, name: string): Element =>
  element(
    'marker',
    {
      id,
      class: name,
      viewBox: '0 0 8 8',
      refX: 7,
      refY: 4,
      markerWidth: 8,
      markerHeight: 8,
      orient: 'auto',
    },
    element('path', { d: 'M0,0 L8,4 L0,8 z' }),
  );

function drawState(
  { state, ...box }: PlacedState,
  isActive: boolean,
  taken: ReadonlySet<number>,
): Element {
  const { x, y, width, height } = box;
  const kind = `state ${state.type}${isActive ? ' active' : ''}`;
  if (state.type === 'history') {
    const [cx, cy] = [x + width / 2, y + height / 2];
    return element(
      'g',
      { class: kind, 'data-state': state.id },
      element('circle', { cx, cy, r: width / 2 }),
      element('text', { x: cx, y: cy + 4, 'text-anchor': 'middle' }, state.isDeep ? 'H*' : 'H'),
    );
  }
  const isGroup = state.states.length > 0;
  const ruleY = y + margin / 2 + lineHeight * (1 + state.doings.length) + margin / 2;
  const inner = element('rect', { ...inset(box, 3), rx: 5, class: 'inner' });
  return element(
    'g',
    { class: kind, 'data-state': state.id },
    element('rect', { x, y, width, height, rx: 7 }),
    ...(state.type === 'final' ? [inner] : []),
    ...(isGroup ? [element('path', { class: 'rule', d: `M${x},${ruleY} h${width}` })] : []),
    text(x + margin, y + margin / 2, [state.name], 'name'),
    text(x + margin, y + margin / 2 + lineHeight, state.doings, 'doing', taken),
  );
}

const inset = ({ x, y, width, height }: Box, by: number): Box & Record<string, number> => ({
  x: x + by,
  y: y + by,
  width: width - 2 * by,
  height: height - 2 * by,
});

function drawArrow({ points, arrow }: PlacedArrow, isTaken: boolean): Element[] {
  if (points.length === 0) return [];
  const d = roundedPath(points);
  const kind = `arrow${arrow ? '' : ' first'}${isTaken ? ' taken' : ''}`;
  return [
    element('path', { class: kind, d, 'marker-end': `url(#${isTaken ? 'head-taken' : 'head'})` }),
  ];
}

const cornerRadius = 6;

/** From point to point; its corners are round, so that lines which meet can be told apart. */
function roundedPath(points: PlacedArrow['points']): string {
  return points
    .map((point, index) => {
      const [before, after] = [points[index - 1], points[index + 1]];
      if (!before) return `M${point.x},${point.y}`;
      if (!after) return `L${point.x},${point.y}`;
      const [from, to] = [towards(point, before), towards(point, after)];
      return `L${from.x},${from.y} Q${point.x},${point.y} ${to.x},${to.y}`;
    })
    .join(' ');
}

type Point = PlacedArrow['points'][number];

/** Where a corner begins or ends: at most half of the way. */
function towards(corner: Point, other: Point): Point {
  const length = Math.hypot(other.x - corner.x, other.y - corner.y);
  const share = length === 0 ? 0 : Math.min(cornerRadius, length / 2) / length;
  const between = (from: number, to: number) => Math.round((from + (to - from) * share) * 10) / 10;
  return { x: between(corner.x, other.x), y: between(corner.y, other.y) };
}

function drawLabel({ label, arrow }: PlacedArrow, isTaken: boolean): Element[] {
  if (!label || !arrow) return [];
  const { x, y, width, height, lines } = label;
  return [
    element(
      'g',
      { class: `label${isTaken ? ' taken' : ''}` },
      element('rect', { x, y, width, height, rx: 4 }),
      text(x + width / 2, y + labelMargin / 2, lines, 'event'),
    ),
  ];
}

const text = (
  x: number,
  y: number,
  lines: readonly string[],
  name: string,
  taken: ReadonlySet<number> = new Set(),
): Element =>
  element(
    'text',
    { class: name },
    ...lines.map((line, index) => {
      const lit = taken.has(index) ? { class: 'taken' } : {};
      return element('tspan', { x, y: y + 12 + index * lineHeight, ...lit }, line);
    }),
  );

const light = [
  '--paper:#fff;--ink:#1c2330;--faint:#5b6577;--line:#8a94a6;--box:#f5f7fa;--group:#fff;',
  '--lit:#dfe9ff;--lit-line:#2f5fdd;--lit-ink:#1f47b3;--taken:#a8480b;--taken-paper:#fff3e6;',
].join('');
const dark = [
  '--paper:#141922;--ink:#e5e9f0;--faint:#9aa5b8;--line:#69748a;--box:#1d2430;--group:#141922;',
  '--lit:#1b3466;--lit-line:#7aa5ff;--lit-ink:#b4ccff;--taken:#f2ae5c;--taken-paper:#33240f;',
].join('');

/** The page has the same rules, with its own colours. */
export const chartRules = `
.chart text{fill:var(--ink);
  font:12px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}
.chart .name{font-weight:600}
.chart .doing{fill:var(--faint)}
.chart .doing .taken{fill:var(--taken);font-weight:600}
.chart .state>rect,.chart .state>circle{fill:var(--box);stroke:var(--line)}
.chart .compound>rect,.chart .parallel>rect{fill:var(--group)}
.chart .parallel>rect{stroke-dasharray:5 3}
.chart .state .inner{fill:none}
.chart .rule{stroke:var(--line);stroke-opacity:.5}
.chart .active>rect{stroke:var(--lit-line);stroke-width:1.6}
.chart .atomic.active>rect,.chart .final.active>rect{fill:var(--lit);stroke-width:2.2}
.chart .active>.name{fill:var(--lit-ink)}
.chart .start{fill:var(--ink)}
.chart .arrow{fill:none;stroke:var(--line);stroke-width:1.2}
.chart .head{fill:var(--line)}
.chart .label rect{fill:var(--group)}
.chart .event{fill:var(--ink);font-size:11.5px;text-anchor:middle}
.chart .arrow.taken{stroke:var(--taken);stroke-width:2.6}
.chart .head.taken{fill:var(--taken)}
.chart .label.taken rect{fill:var(--taken-paper)}
.chart .label.taken .event{fill:var(--taken);font-weight:600}
`;

const paper = 'background:var(--paper)';
const chartStyles = {
  light: `.chart{${light}${paper}}${chartRules}`,
  dark: `.chart{${dark}${paper}}${chartRules}`,
  both: `
.chart{${light}${paper}}
@media (prefers-color-scheme:dark){.chart{${dark}}}${chartRules}`,
} as const;
