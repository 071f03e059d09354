/**
 * Composed models against mutants of one machine in them: each must be found by a model, or is
 * excused by name, and then no model finds it. `INTERPLEX_CHECK=all` tries all, otherwise every
 * third is tried.
 */
import { checkModel } from 'interplex/check';
import type { Model, ModelActor } from 'interplex/check';
import { expect, test } from 'vitest';
import type { AnyStateMachine } from 'xstate';
import { mutantsOf, unmutated } from './mutants.ts';

type Models = readonly Model<Readonly<Record<string, ModelActor>>>[];
const isAll = process.env['INTERPLEX_CHECK'] === 'all';
const timeout = 60_000; // ms; other tests share the cores.

/** What is violated; states without end, and a step that throws, count as such. */
async function findingIn(models: Models): Promise<string | undefined> {
  for (const model of models) {
    const limits = { states: 100_000, timeMs: 10_000 };
    const finding = await checkModel({ ...model, limits }).then(
      (report) => (report.outcome === 'violated' ? report.violation.property : report.outcome),
      (error: unknown) => String(error),
    );
    if (finding !== 'passed') return finding;
  }
  return undefined;
}

/** Registers the tests. Excused mutants are named by the reason. */
export function proveInModels<Machine extends AnyStateMachine>(
  machine: Machine,
  modelsOf: (mutant: Machine) => Models,
  excuses: Readonly<Record<string, readonly string[]>>,
) {
  const excused = Object.values(excuses).flat();
  const mutants = mutantsOf(machine);
  const seen = mutants.filter(({ name }) => !excused.includes(name));
  const caught = seen.filter((_, index) => isAll || index % 3 === 0);
  test(
    'AF-8 the machine made again without a change is right',
    async () => expect(await findingIn(modelsOf(unmutated(machine)))).toBeUndefined(),
    timeout,
  );
  test.each(caught)(
    'AF-8 mutant: $name',
    async ({ machine: mutant }) => expect(await findingIn(modelsOf(mutant))).toBeDefined(),
    timeout,
  );
  test('AF-8 each that is excused is one', () =>
    expect(mutants.map(({ name }) => name)).toEqual(expect.arrayContaining(excused)));
  const rest = mutants.filter(({ name }) => isAll && excused.includes(name));
  test.each(rest)(
    'AF-8 excused: $name',
    async ({ machine: mutant }) => expect(await findingIn(modelsOf(mutant))).toBeUndefined(),
    timeout,
  );
}
