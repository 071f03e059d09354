/**
 * Stately's inspection protocol on a WebSocket, as `@statelyai/inspect` has it: a record a message.
 * Its receivers are told of all actors here; its inspectors tell of theirs, and those are shown.
 */
import { createMachine } from 'xstate';
import { limits } from '../limits.ts';
import type { Parcel } from './collector.ts';
import { machineRecord } from './machine-charts.ts';
import { plainText } from './plain.ts';
import type { ActorRecord, InspectionRecord, StatelyRecord } from './records.ts';
import { recordBase, nodeSession } from './records.ts';

export class StatelySpeech {
  /** Told of before the actors that are one; Stately's protocol has them in each actor. */
  readonly #definitions = new Map<string, string>();

  /** What Stately knows, in its words. */
  readonly messagesOf = (parcel: Parcel): string[] =>
    (JSON.parse(`[${parcel}]`) as InspectionRecord[]).flatMap((record) => {
      if (record.type === '@interplex.machine') {
        this.#definitions.set(record.machine, record.definition);
      }
      if (!isStately(record)) return [];
      return [JSON.stringify(record.type === '@xstate.actor' ? this.#defined(record) : record)];
    });

  #defined(record: ActorRecord): ActorRecord {
    const definition =
      this.#definitions.get(record.machine ?? '') ?? plainText({ id: record.name });
    return { ...record, definition };
  }
}

/** What a foreign inspector said, as records of ours; none, where it is not of the protocol. */
export function recordsOf(message: string, origin: string): Parcel | undefined {
  const record = parse(message);
  if (!record) return undefined;
  const named = (id: string) => `${origin}/${id}`;
  // Its clock may be any: a page knows by the time what it has heard already.
  const { id, createdAt } = recordBase('');
  const base = { ...record, id, createdAt };
  const sessionId = named(record.sessionId);
  const rootId = named(record.rootId ?? record.sessionId);
  if (record.type === '@xstate.event') {
    const sourceId = record.sourceId === undefined ? {} : { sourceId: named(record.sourceId) };
    return plainText({ ...base, sessionId, rootId, ...sourceId }, limits.inspectMessageBytesMax);
  }
  if (record.type === '@xstate.snapshot') {
    return plainText({ ...base, sessionId, rootId }, limits.inspectMessageBytesMax);
  }
  const machine = machineOf(record.definition);
  const { definition: _, ...actor } = base as ActorRecord;
  const told = plainText(
    {
      ...actor,
      sessionId,
      rootId,
      node: origin,
      parentId: record.parentId === undefined ? nodeSession(origin) : named(record.parentId),
      ...(machine && { machine: machine.machine }),
    },
    limits.inspectMessageBytesMax,
  );
  return machine ? `${JSON.stringify(machine)},${told}` : told;
}

const isStately = ({ type }: InspectionRecord) => type.startsWith('@xstate.');

const kinds: readonly unknown[] = ['@xstate.actor', '@xstate.event', '@xstate.snapshot'];

function parse(message: string): StatelyRecord | undefined {
  try {
    const given: unknown = JSON.parse(message);
    if (typeof given !== 'object' || given === null) return undefined;
    const { type, sessionId } = given as Partial<StatelyRecord>;
    return kinds.includes(type) && typeof sessionId === 'string'
      ? (given as StatelyRecord)
      : undefined;
  } catch {
    return undefined; // No JSON: whoever sends it speaks another protocol.
  }
}

/** A configuration without its code is enough to be drawn; one that is no machine's is not. */
function machineOf(definition: string | undefined) {
  try {
    const config: unknown = JSON.parse(definition ?? '');
    if (typeof config !== 'object' || config === null) return undefined;
    if (!('states' in config) || typeof config.states !== 'object') return undefined;
    return machineRecord(createMachine(config as Parameters<typeof createMachine>[0]));
  } catch {
    return undefined; // It is shown without a chart.
  }
}
