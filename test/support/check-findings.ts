/** What a check found, asked of a report. */
import { checkModel } from 'interplex/check';
import type { Model, ModelActor, SystemState, Violation } from 'interplex/check';
import { expect } from 'vitest';

type Actors = Readonly<Record<string, ModelActor>>;

/** The violation that a model has. */
export async function violationOf<Named extends Actors>(
  model: Model<Named>,
): Promise<Violation<Named>> {
  const report = await checkModel(model);
  if (report.outcome !== 'violated') throw new Error(`The check ended as ${report.outcome}.`);
  return report.violation;
}

/** Every place that a system comes to: the state of each actor, in their order, without repeats. */
export async function placesOf<Named extends Actors>(
  model: Omit<Model<Named>, 'properties'>,
): Promise<string[]> {
  const places = new Set<string>();
  const note = ({ actors }: SystemState<Named>) => {
    const values = Object.values<{ value: unknown; isDown: boolean }>(actors);
    places.add(values.map(({ value, isDown }) => (isDown ? 'down' : name(value))).join(' '));
    return false;
  };
  const properties = [{ never: 'another place', holds: note }];
  const report = await checkModel({ deadlock: 'fine', ...model, properties });
  expect(report.outcome).toBe('passed');
  return Array.from(places).toSorted();
}

const name = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value));
