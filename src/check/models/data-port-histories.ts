/**
 * The states of an end of a data port, each known by what can be seen of it and what would come of
 * it. The product's objects cannot be copied; so of each state the first history that led there is
 * kept, and the end is built anew by it for each step. That what is told apart is enough is shown
 * by test/data-port-model.test.ts: an end that came to a state by another history goes on alike.
 */
import type { Experience, PortAct, PortEnd, PortStep } from './data-port-end.ts';

export interface EndState extends Experience {
  /** All that its future depends on, as text. */
  readonly state: string;
}
export interface Stepped {
  readonly after: EndState;
  readonly acts: readonly PortAct[];
}

export class Histories {
  readonly #newEnd: () => PortEnd;
  readonly #probes: readonly ((end: PortEnd) => string)[];
  readonly #histories = new Map<string, readonly PortStep[]>();
  /** By state, another history that led there. */
  readonly #others = new Map<string, readonly PortStep[]>();
  readonly #steps = new Map<string, Stepped>();

  constructor(newEnd: () => PortEnd, probes: readonly ((end: PortEnd) => string)[]) {
    this.#newEnd = newEnd;
    this.#probes = probes;
  }

  begin(): EndState {
    return this.#stateAfter([], this.#newEnd());
  }

  /** What a step makes of the end, and what the end does. */
  step(state: string, step: PortStep): Stepped {
    const key = `${JSON.stringify(step)} ${state}`;
    const known = this.#steps.get(key);
    if (known) return known;
    const history = this.#histories.get(state);
    if (!history) throw new Error(`No history leads to ${state}.`);
    const end = this.#rebuilt(history);
    end.perform(step);
    const acts = [...end.acts];
    const stepped = { after: this.#stateAfter([...history, step], end), acts };
    this.#steps.set(key, stepped);
    return stepped;
  }

  /** How many states were reached by another history, too, and went on by a step. */
  get metCount(): number {
    return this.#metSteps().length;
  }

  /** Steps at which an end with another history does something else, or becomes another. */
  disagreements(): string[] {
    return this.#metSteps().flatMap(({ other, step, stepped, key }) => {
      const end = this.#rebuilt(other);
      end.perform(step);
      const isSame = JSON.stringify(end.acts) === JSON.stringify(stepped.acts);
      const text = this.#textOf([...other, step], end);
      return isSame && text === stepped.after.state ? [] : [key];
    });
  }

  #metSteps() {
    return Array.from(this.#steps, ([key, stepped]) => {
      const at = key.indexOf('} ') + 1;
      const other = this.#others.get(key.slice(at + 1));
      return other && { other, step: JSON.parse(key.slice(0, at)) as PortStep, stepped, key };
    }).filter((met) => met !== undefined);
  }

  #stateAfter(history: readonly PortStep[], end: PortEnd): EndState {
    const state = this.#textOf(history, end);
    if (!this.#histories.has(state)) this.#histories.set(state, history);
    else if (this.#histories.get(state) !== history) this.#others.set(state, history);
    const { accepted, settled, reported, applied } = end.experience;
    return { state, accepted, settled, reported, applied: [...applied] };
  }

  #textOf(history: readonly PortStep[], end: PortEnd): string {
    const view = JSON.stringify(end.view);
    const futures = this.#probes.map((probe) => probe(this.#rebuilt(history)));
    return [view, ...futures].join(' | ');
  }

  #rebuilt(history: readonly PortStep[]): PortEnd {
    const end = this.#newEnd();
    for (const step of history) {
      end.acts.length = 0;
      end.perform(step);
    }
    end.acts.length = 0;
    return end;
  }
}
