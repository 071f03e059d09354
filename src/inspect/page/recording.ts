/** A recording: records as they came, one in each line; the first line says what it is. */
import type { InspectionRecord } from '../records.ts';
import { headOfRecording, recordsOfText } from '../recording-text.ts';

export function exportRecording(records: readonly InspectionRecord[], title: string): Blob {
  const lines = records.map((record) => `${JSON.stringify(record)}\n`);
  return new Blob([headOfRecording(title), ...lines], { type: 'application/x-ndjson' });
}

/** Rejects with a sentence for who chose the file. */
export const openRecording = async (file: Blob): Promise<InspectionRecord[]> =>
  recordsOfText(await file.text());

export function download(content: Blob, name: string): void {
  const url = URL.createObjectURL(content);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}
