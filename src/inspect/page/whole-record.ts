/** Whether a record of a file, which may hold anything, has what its kind has. */
import type { InspectionRecord } from '../records.ts';

/** The first part that is not there; `undefined`: it is whole. */
export function missingPart(record: InspectionRecord): string | undefined {
  const parts: Readonly<Record<string, unknown>> = { ...record };
  const required = partsOf[String(parts['type'])] ?? [];
  return required.find((name) => typeof parts[name] !== 'object' || parts[name] === null);
}

const partsOf: Readonly<Record<string, readonly string[]>> = {
  '@xstate.actor': ['snapshot'],
  '@xstate.event': ['event'],
  '@xstate.snapshot': ['event', 'snapshot'],
  '@interplex.machine': ['chart'],
  '@interplex.figures': ['figures'],
};
