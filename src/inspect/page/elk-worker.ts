/** ELK in a worker of the browser's, so that the page is not held up while a chart is laid out. */
import Elk from 'elkjs/lib/elk-api.js';
import workerUrl from 'elkjs/lib/elk-worker.min.js?url';
import type { Chart } from '../chart.ts';
import { layOut, type Layouter, type PlacedChart } from '../chart-layout.ts';

let elk: Layouter | undefined;
const placed = new Map<string, Promise<PlacedChart>>();

/** A machine is laid out once, by its id. */
export function placedChart(machine: string, chart: Chart): Promise<PlacedChart> {
  const known = placed.get(machine);
  if (known) return known;
  elk ??= new Elk({ workerUrl });
  const made = layOut(chart, elk);
  placed.set(machine, made);
  return made;
}
