/** A recording's text: a head, then one record in each line (AF-7). */
import { schemaVersion, type InspectionRecord } from './records.ts';

const kind = 'interplex-recording';

export const headOfRecording = (title: string): string =>
  `${JSON.stringify({ recording: kind, version: 1, schema: schemaVersion, title })}\n`;

/** Throws where it is none; a last line that was cut off is passed over. */
export function recordsOfText(text: string): InspectionRecord[] {
  const [head = '', ...lines] = text.split('\n');
  if (!isHead(parse(head))) {
    throw new Error('This is no recording of the inspector: its first line does not say so.');
  }
  return lines.flatMap((line) => {
    const record = line === '' ? undefined : parse(line);
    return isRecord(record) ? [record] : [];
  });
}

const isHead = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && 'recording' in value && value.recording === kind;

/** Whatever has the form of one: what it says is shown as text, and is trusted with nothing. */
const isRecord = (value: unknown): value is InspectionRecord =>
  typeof value === 'object' &&
  value !== null &&
  'type' in value &&
  'sessionId' in value &&
  typeof value.sessionId === 'string';

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
