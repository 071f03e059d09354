/**
 * Goal: AF-7: what was seen is kept in a file and opened again, a counterexample included.
 * Method: texts of recordings, whole and spoilt; a trace of a real model that breaks a claim.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkModel, models, type SystemState, type Trace } from 'interplex/check';
import { recordingOf } from 'interplex/inspect';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openRecording } from '#internal/inspect/opened-recording';
import { headOfRecording, recordsOfText } from '#internal/inspect/recording-text';
import type { InspectionRecord } from '#internal/inspect/records';
import { matching } from './support/matching.ts';

const folder = mkdtempSync(join(tmpdir(), 'interplex-recording-'));
afterAll(() => rmSync(folder, { recursive: true }));
const fileOf = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};

/** A takeover, by a claim that says there is none. */
const takeover = models.find(({ name }) => name === 'takeover')!;
let trace: Trace;
beforeAll(async () => {
  const model = takeover.model();
  const claim = {
    never: 'hall-2 owns the VIPA',
    holds: ({ actors }: SystemState) => actors['hall-2']?.child('vipa')?.matches('owner') === true,
  };
  const report = await checkModel({ ...model, properties: [claim] });
  trace = (report as { violation: { trace: Trace } }).violation.trace;
});

test('AF-7 a recording is read again as it was written, but for a line that was cut off', () => {
  const record = { type: '@interplex.gap', sessionId: 'node:a', reason: 'rate' };
  const text = `${headOfRecording('demo')}${JSON.stringify(record)}\n{"type":"@xst`;
  expect(recordsOfText(text)).toEqual([record]);
});

test.each(['', '{}', 'hello', '[1]', '{"recording":"other"}\n'])(
  'AF-9 %j is no recording, and is said to be none',
  (text) => {
    const path = fileOf('none.ndjson', text);
    expect(() => openRecording(path)).toThrow(
      expect.objectContaining({ code: 'IPX_RECORDING_INVALID', message: matching(/none\.ndjson/) }),
    );
  },
);

test('AF-9 a file that is not there is named', () =>
  expect(() => openRecording(join(folder, 'missing'))).toThrow(/missing/));

test('AF-7 a counterexample is a recording: each step, and what it made of its actors', () => {
  const records = recordsOfText(recordingOf(takeover.model(), trace, 'a takeover'));
  const machines = records.filter(({ type }) => type === '@interplex.machine');
  expect(machines.map((record) => (record as { machine: string }).machine)).toContainEqual(
    matching(/^vipa-/),
  );
  const events = records.filter(({ type }) => type === '@xstate.event');
  expect(events).toHaveLength(trace.steps.length);
  const isOwner = (record: InspectionRecord) =>
    record.type === '@xstate.snapshot' &&
    record.sessionId.startsWith('hall-2') &&
    JSON.stringify(record.snapshot.value)?.includes('owner');
  expect(records.findLast(({ type }) => type === '@xstate.snapshot')).toSatisfy(isOwner);
  const taken = records.flatMap((record) =>
    record.type === '@xstate.snapshot' ? (record.transitions ?? []) : [],
  );
  expect(taken).toContainEqual(matching(/#\d+$/));
});

test('AF-7 what interplex check said of a violation is opened as a recording', () => {
  const said = { name: 'takeover', outcome: 'violated', violation: { property: 'p', trace } };
  const path = fileOf(
    'check.json',
    `{"name":"transfer","outcome":"passed"}\n${JSON.stringify(said)}\n`,
  );
  const { records } = openRecording(path);
  expect(JSON.parse(`[${records}]`)).toHaveLength(
    recordsOfText(recordingOf(takeover.model(), trace, 'p')).length,
  );
});

test('AF-9 a trace of a model that there is not is refused, with those there are', () => {
  const path = fileOf('other.json', JSON.stringify({ name: 'mine', violation: { trace } }));
  expect(() => openRecording(path)).toThrow(/"mine" is none of transfer, /);
});
