/**
 * Where each part of a chart stands: laid out by ELK in layers, states within states (AF-7). Texts
 * are measured by their length in a font of one width, so that Node and a browser agree.
 */
import type { ElkNode, LayoutOptions } from 'elkjs';
import { labelOf, statesOf, type Chart, type ChartArrow, type ChartState } from './chart.ts';

/** ELK itself, wherever it runs. */
export interface Layouter {
  layout(graph: ElkNode): Promise<ElkNode>;
}

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface PlacedState extends Box {
  readonly state: ChartState;
}

export interface PlacedArrow {
  /** None where it marks the state that comes first. */
  readonly arrow: ChartArrow | undefined;
  readonly points: readonly { readonly x: number; readonly y: number }[];
  readonly label: (Box & { readonly lines: readonly string[] }) | undefined;
}

export interface PlacedChart {
  readonly machine: string;
  readonly width: number;
  readonly height: number;
  /** Outermost first. */
  readonly states: readonly PlacedState[];
  readonly arrows: readonly PlacedArrow[];
  /** What is written into its state; last among what that does. */
  readonly notes: readonly ChartArrow[];
  /** The marks of what comes first. */
  readonly starts: readonly Box[];
}

/** Of 12 pixels in a font of one width: its letters are 0.6 wide, and some a little more. */
const characterWidth = 7.3;
export const lineHeight = 16;
export const margin = 10;
export const labelMargin = 3;
const startSize = 10;
/** A longer label is broken. */
const labelLength = 34;

const options: LayoutOptions = {
  'elk.algorithm': 'layered',
  'elk.direction': 'DOWN',
  'elk.hierarchyHandling': 'INCLUDE_CHILDREN',
  'elk.json.edgeCoords': 'ROOT',
  'elk.json.shapeCoords': 'ROOT',
  'elk.edgeRouting': 'ORTHOGONAL',
  // What comes first stands at the top: what leads back to it is drawn upwards.
  'elk.layered.cycleBreaking.strategy': 'DEPTH_FIRST',
  'elk.layered.spacing.nodeNodeBetweenLayers': '28',
  'elk.layered.spacing.edgeNodeBetweenLayers': '14',
  'elk.spacing.nodeNode': '26',
  'elk.spacing.edgeNode': '14',
  'elk.spacing.edgeEdge': '12',
};

/** The best placement takes 2.5 s for 60 arrows, and a minute for 120; the other 0.3 and 1 s. */
const arrowsOfBestMax = 48;
const placement = (arrowCount: number): LayoutOptions => ({
  'elk.layered.nodePlacement.strategy':
    arrowCount > arrowsOfBestMax ? 'LINEAR_SEGMENTS' : 'NETWORK_SIMPLEX',
});

/** A label lies on its own line, where it cannot be taken for another's. */
const onItsLine: LayoutOptions = { 'elk.edgeLabels.inline': 'true' };

/** What comes first is next to its mark. */
const near: LayoutOptions = {
  'elk.layered.priority.direction': '100',
  'elk.layered.priority.shortness': '100',
};

/** Rejects with what ELK says, when it cannot. */
export async function layOut(chart: Chart, elk: Layouter): Promise<PlacedChart> {
  const states = new Map(statesOf(chart.root).map((state) => [state.id, state]));
  const arrows = chart.arrows.filter(({ isNoted }) => !isNoted);
  const own = { ...options, ...placement(arrows.length) };
  const graph = {
    id: 'chart',
    layoutOptions: { ...own, 'elk.padding': padding(margin, margin) },
    children: [nodeOf(chart.root, own)],
    edges: [...arrows.flatMap((arrow, index) => edgesOf(arrow, index)), ...startsOf(chart.root)],
  };
  const placed = await elk.layout(graph);
  return {
    machine: chart.machine,
    width: placed.width ?? 0,
    height: placed.height ?? 0,
    states: boxesOf(placed).flatMap(({ id, box }) => {
      const state = id.startsWith('state:') ? states.get(id.slice('state:'.length)) : undefined;
      return state ? [{ state, ...box }] : [];
    }),
    notes: chart.arrows.filter(({ isNoted }) => isNoted),
    starts: boxesOf(placed).flatMap(({ id, box }) => (id.startsWith('start:') ? [box] : [])),
    arrows: (placed.edges ?? []).map((edge) => {
      const [, index] = /^arrow:(\d+):/.exec(edge.id) ?? [];
      const arrow = index === undefined ? undefined : arrows[Number(index)];
      const [section] = edge.sections ?? [];
      const points = section
        ? [section.startPoint, ...(section.bendPoints ?? []), section.endPoint]
        : [];
      const [label] = edge.labels ?? [];
      return {
        arrow,
        points,
        label: label && arrow && { ...boxOf(label), lines: linesOf(labelOf(arrow)) },
      };
    }),
  };
}

interface Graph extends Omit<ElkNode, 'children'> {
  children?: Graph[];
}

function nodeOf(state: ChartState, own: LayoutOptions): Graph {
  const id = `state:${state.id}`;
  if (state.type === 'history') return { id, width: 26, height: 26 };
  const lines = [state.name, ...state.doings];
  const width = Math.max(...lines.map((line) => line.length)) * characterWidth + 2 * margin;
  const height = lines.length * lineHeight + margin;
  if (state.states.length === 0) return { id, width: Math.max(60, width), height };
  const start = { id: `start:${state.id}`, width: startSize, height: startSize };
  return {
    id,
    layoutOptions: {
      ...own, // ELK hands them on to nobody.
      'elk.padding': padding(height + margin, 2 * margin),
      'elk.nodeSize.constraints': 'MINIMUM_SIZE',
      'elk.nodeSize.minimum': `(${width}, ${height})`,
    },
    children: [
      ...(state.initial === undefined ? [] : [start]),
      ...state.states.map((child) => nodeOf(child, own)),
    ],
  };
}

const padding = (top: number, other: number) =>
  `[top=${top},left=${other},bottom=${other},right=${other}]`;

const edgesOf = (arrow: ChartArrow, index: number) =>
  arrow.targets.map((target, place) => {
    const lines = linesOf(labelOf(arrow));
    const width = Math.max(...lines.map((line) => line.length)) * characterWidth + 2 * labelMargin;
    const height = lines.length * lineHeight + labelMargin;
    return {
      id: `arrow:${index}:${place}`,
      sources: [`state:${arrow.source}`],
      targets: [`state:${target}`],
      labels: [{ text: lines.join('\n'), width, height, layoutOptions: onItsLine }],
    };
  });

const startsOf = (root: ChartState) =>
  statesOf(root).flatMap(({ id, initial }) =>
    initial === undefined
      ? []
      : [
          {
            id: `first:${id}`,
            layoutOptions: near,
            sources: [`start:${id}`],
            targets: [`state:${initial}`],
          },
        ],
  );

/** Broken before a guard, an action or an event, where it is too long. */
function linesOf(label: string): string[] {
  const lines: string[] = [];
  for (const word of label.split(/(?<=,) | (?=[[/])/)) {
    const line = lines.at(-1);
    if (line === undefined || line.length + word.length >= labelLength) lines.push(word);
    else lines[lines.length - 1] = `${line} ${word}`;
  }
  return lines;
}

const boxesOf = (node: ElkNode): { id: string; box: Box }[] =>
  (node.children ?? []).flatMap((child) => [
    { id: child.id, box: boxOf(child) },
    ...boxesOf(child),
  ]);

const boxOf = ({ x = 0, y = 0, width = 0, height = 0 }: Partial<Box>): Box => ({
  x,
  y,
  width,
  height,
});
