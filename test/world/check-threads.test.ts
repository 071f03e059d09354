/**
 * Goal: a search by several threads comes to what one thread comes to (AF-8).
 * Method: the same models, in one thread and in several; whatever a thread may end with is made to
 * happen in one.
 */
import { checkInThreads, checkModel, replay } from 'interplex/check';
import type { Report, SystemState, ThreadsOptions } from 'interplex/check';
import { models, sourceOf } from '#internal/check/models/index';
import { describe, expect, test } from 'vitest';
import { modelAt } from '../support/application-at.ts';
import { model, narrow } from '../support/models/thread-models.ts';
import type { Wanted } from '../support/models/thread-models.ts';

const module = modelAt('thread-models');
const inThreads = (wanted: Wanted, options: ThreadsOptions = {}) =>
  checkInThreads({ module, argument: wanted }, options);

/** What does not depend on who was quicker, or on how states are kept. */
const comparable = ({ ms, bytes, ...report }: Report) => ({
  ...report,
  isMeasured: ms > 0 && bytes > 0,
});

const valuesOf = ({ actors }: SystemState) =>
  Object.entries(actors).map(([name, actor]) => ({ name, value: actor.value as unknown }));

test.each([
  { name: 'transfer-prompt', threads: 3 },
  { name: 'takeover-of-three', threads: 2 },
])('AF-8 $threads threads see of "$name" what one sees', async ({ name, threads }) => {
  const found = models.find((each) => each.name === name)!;
  const one = await checkModel(found.model());
  const several = await checkInThreads(sourceOf(found), { threads });
  expect(one.outcome).toBe('passed');
  expect(comparable(several)).toEqual(comparable(one));
});

describe('a claim in threads', () => {
  test.each<{ claim: Wanted['claim'] }>([{ claim: 'right' }, { claim: 'possible' }])(
    'AF-8 that holds passes: $claim',
    async ({ claim }) => {
      const one = await checkModel(model({ claim }));
      expect(comparable(await inThreads({ claim }))).toEqual(comparable(one));
    },
  );

  test.each<{ claim: Wanted['claim'] }>([{ claim: 'wrong' }, { claim: 'lively' }])(
    'AF-8 that does not hold has a trace as short as in one thread, which runs: $claim',
    async ({ claim }) => {
      const one = await checkModel(model({ claim }));
      const several = await inThreads({ claim });
      if (one.outcome !== 'violated' || several.outcome !== 'violated') throw new Error('It held.');
      const { kind, property, trace } = several.violation;
      expect({ kind, property }).toEqual({
        kind: one.violation.kind,
        property: one.violation.property,
      });
      expect(trace!.steps).toHaveLength(one.violation.trace!.steps.length);
      const replayed = replay(model({ claim }), trace!);
      expect(valuesOf(replayed.state)).toEqual(valuesOf(several.violation.state!));
    },
  );

  test('AF-8 that is never met is told', async () => {
    const report = await inThreads({ claim: 'impossible' });
    expect(report).toMatchObject({
      outcome: 'violated',
      violation: { kind: 'never held', property: 'six commit' },
    });
  });

  test('AF-8 that throws is told with its place', async () => {
    await expect(inThreads({ claim: 'throwing' })).rejects.toMatchObject({
      code: 'IPX_CHECK_PROPERTY',
      message: expect.stringContaining('it has no opinion') as string,
    });
  });
});

test('AF-8 a model may be in TypeScript', async () => {
  const source = new URL('../support/models/thread-models.ts', import.meta.url);
  const report = await checkInThreads({ module: source, export: 'narrow' }, { threads: 1 });
  expect(comparable(report)).toEqual(comparable(await checkModel(narrow())));
});

test('AF-8 what one thread saw alone is covered and was possible, whoever it was', async () => {
  const one = await checkModel(narrow());
  for (let time = 0; time < 3; time++) {
    const several = await checkInThreads({ module, export: 'narrow' }, { threads: 4 });
    expect(comparable(several)).toEqual(comparable(one));
  }
});

test('AF-8 threads whose machines do not do the same are told so', async () => {
  await expect(checkInThreads({ module, export: 'fickle' })).rejects.toMatchObject({
    code: 'IPX_CHECK_STEP',
    message: expect.stringContaining('The threads come to different states') as string,
  });
});

test('AF-8 a thread that fails, and a listener that throws, end the search', async () => {
  await expect(checkInThreads({ module, export: 'threadless' })).rejects.toMatchObject({
    name: 'InterplexError',
    message: 'It is made in the main thread alone.',
  });
  const found = models.find(({ name }) => name === 'two-transfers-faults')!;
  const onProgress = () => {
    throw new Error('nobody listens');
  };
  await expect(checkInThreads(sourceOf(found), { onProgress })).rejects.toThrow('nobody listens');
});

test('AF-8 reserved memory counts as it is used: few states take few bytes', async () => {
  const report = await inThreads({ claim: 'right', limits: { bytes: 20_000_000 } });
  expect(report).toMatchObject({ outcome: 'passed' });
  expect(report.bytes).toBeLessThan(20_000_000);
});

describe('a limit in threads is no pass', () => {
  test.each([
    { limit: 'states', wanted: { limits: { states: 100 } } },
    { limit: 'depth', wanted: { limits: { depth: 3 } } },
    { limit: 'in flight', wanted: { inFlightMax: 2 } },
  ] as const)('AF-8 $limit', async ({ limit, wanted }) => {
    const report = await inThreads({ claim: 'right', ...wanted });
    expect(report).toMatchObject({ outcome: 'limit', limit });
  });

  test('AF-8 asked to stop, it tells what was seen', async () => {
    const found = models.find(({ name }) => name === 'two-transfers-faults')!;
    const stop = new AbortController();
    const onProgress = ({ states }: { states: number }) => states > 1_000 && stop.abort();
    const report = await checkInThreads(sourceOf(found), { signal: stop.signal, onProgress });
    expect(report).toMatchObject({ outcome: 'limit', limit: 'stopped' });
    expect(report.states).toBeGreaterThan(1_000);
    expect(report.states).toBeLessThan(500_000);
  });
});

test.each([
  { source: { module, export: 'nothing' }, code: 'IPX_MODEL_UNKNOWN' },
  { source: { module: './no-such-file.js' }, code: 'IPX_MODEL_UNKNOWN' },
  { source: { module, export: 'symmetric' }, code: 'IPX_OPTION_INVALID' },
  { source: { module, argument: () => 1 }, code: 'IPX_OPTION_INVALID' },
])('AF-9 a source that cannot be searched is refused: $source.export', async ({ source, code }) => {
  await expect(checkInThreads(source)).rejects.toMatchObject({ code });
});

test.each([0, 1.5, 65])('AF-9 %s threads are refused', async (threads) => {
  await expect(inThreads({ claim: 'right' }, { threads })).rejects.toMatchObject({
    code: 'IPX_OPTION_INVALID',
  });
});
