/** A file to be shown: a recording, or what `interplex check --json` said of a violation. */
import { readFileSync, statSync } from 'node:fs';
import { models } from '../check/models/index.ts';
import type { Trace } from '../check/trace.ts';
import { InterplexError, sentenceOf } from '../errors.ts';
import { limits } from '../limits.ts';
import type { Parcel } from './collector.ts';
import { recordsOfText } from './recording-text.ts';
import { recordingOf } from './trace-recording.ts';

/** Throws IPX_RECORDING_INVALID, or IPX_CHECK_TRACE for a trace that is no longer possible. */
export function openRecording(path: string): { readonly title: string; readonly records: Parcel } {
  const text = textOf(path);
  const { title, recording } = traceRecording(text, path) ?? { title: path, recording: text };
  try {
    const records = recordsOfText(recording).map((record) => JSON.stringify(record));
    return { title, records: records.join(',') };
  } catch (error) {
    throw invalid(path, sentenceOf(error), error);
  }
}

function textOf(path: string): string {
  try {
    const { size } = statSync(path);
    if (size > limits.recordingBytesMax) {
      throw new Error(`it has ${size} bytes, and at most ${limits.recordingBytesMax} are opened`);
    }
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw invalid(path, sentenceOf(error), error);
  }
}

/** The last line of the check that found something; `undefined` where it is none of a check. */
function traceRecording(text: string, path: string): Counterexample | undefined {
  for (const line of text.trimEnd().split('\n').toReversed()) {
    const { name, violation } = parse(line);
    if (!isTraced(violation)) continue;
    const model = models.find((other) => other.name === name);
    if (!model) {
      const known = models.map((other) => other.name).join(', ');
      throw invalid(path, `its model "${String(name)}" is none of ${known}`);
    }
    // Whoever looks at it wants to know what was claimed.
    const title = `${model.name}: ${violation.property}`;
    return { title, recording: recordingOf(model.model(), violation.trace, title) };
  }
  return undefined;
}

interface Counterexample {
  readonly title: string;
  readonly recording: string;
}

interface Traced {
  readonly property: string;
  readonly trace: Trace;
}

const isTraced = (value: unknown): value is Traced =>
  typeof value === 'object' &&
  value !== null &&
  'trace' in value &&
  Array.isArray((value.trace as { steps?: unknown } | undefined)?.steps);

function parse(line: string): { readonly name?: unknown; readonly violation?: unknown } {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {}; // A recording that was cut off has such a line.
  }
}

const invalid = (path: string, why: string, cause?: unknown) =>
  new InterplexError('IPX_RECORDING_INVALID', `${path} cannot be shown: ${why}.`, { cause });
