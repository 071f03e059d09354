/** Figures of the last two minutes, for plots: a value for each name at each moment. */
import { bounds } from './bounds.ts';
import type { PlotLine } from './plotted.ts';

export class History {
  readonly times: number[] = [];
  readonly #values = new Map<string, (number | undefined)[]>();

  /** At the same moment again nothing is added. */
  add(atMs: number, values: ReadonlyMap<string, number>): void {
    const at = atMs / 1_000;
    if ((this.times.at(-1) ?? 0) >= at) return;
    this.times.push(at);
    for (const name of values.keys()) {
      const isNew = !this.#values.has(name);
      if (isNew)
        this.#values.set(
          name,
          this.times.slice(1).map(() => undefined),
        );
    }
    for (const [name, list] of this.#values) list.push(values.get(name));
    if (this.times.length <= bounds.points) return;
    this.times.shift();
    for (const list of this.#values.values()) list.shift();
  }

  get lines(): PlotLine[] {
    return Array.from(this.#values, ([name, values]) => ({ name, values }));
  }
}
