/** The records of one thread until they leave, each written once. */
import type { AnyActor, AnyEventObject } from 'xstate';
import { limits } from '../limits.ts';
import { Allowance } from './allowance.ts';
import { isMachine, machineRecord } from './machine-charts.ts';
import { plainText } from './plain.ts';
import { nodeSession, recordBase, type RecordBase } from './records.ts';

/** A name is read in a line of a tree. */
const nameCharactersMax = 200;

/** An actor as it is told of, whoever runs it. */
export interface Subject {
  readonly sessionId: string;
  readonly rootId: string;
  readonly parentId: string;
  readonly name: string;
  /** Its machine, if it is one. */
  readonly logic: unknown;
  /** Many have one snapshot, by itself: what is written of it is remembered. */
  readonly isStepped?: boolean;
}

export class RecordWriter {
  readonly #node: string;
  readonly #machines = new Set<string>();
  #eventsTaken = 0;
  #figures: Readonly<Record<string, unknown>> | undefined;
  #records: string[] = [];
  readonly #count = new Allowance({
    most: limits.inspectBurstMax,
    each: limits.inspectRecordsMax,
  });
  readonly #characters = new Allowance({
    most: limits.inspectBurstCharacters,
    each: limits.inspectFlushCharacters,
  });

  constructor(node: string) {
    this.#node = node;
  }

  /** A burst is taken whole; what goes on and on is not. */
  get isFull(): boolean {
    return this.#count.isSpent || this.#characters.isSpent;
  }

  /** All that was written since, as JSON with commas between. */
  take(): string {
    if (this.#figures) {
      this.#write('@interplex.figures', recordBase(nodeSession(this.#node)), {
        figures: JSON.stringify({ ...this.#figures, eventsTaken: this.#eventsTaken }),
      });
      this.#figures = undefined;
    }
    const text = this.#records.join(',');
    this.#count.renew();
    this.#characters.renew();
    this.#records = [];
    return text;
  }

  actor(subject: Subject, snapshot: unknown): void {
    const { sessionId, rootId, parentId, name, logic, isStepped } = subject;
    const machine = isMachine(logic) ? this.#machine(logic) : undefined;
    this.#write('@xstate.actor', recordBase(sessionId, rootId), {
      name: plainText(name, nameCharactersMax),
      parentId: JSON.stringify(parentId),
      node: JSON.stringify(this.#node),
      machine: machine && JSON.stringify(machine),
      snapshot: isStepped ? rememberedText(snapshot) : snapshotText(snapshot),
    });
  }

  event(sessionId: string, sourceId: string | undefined, event: AnyEventObject): void {
    this.#eventsTaken += 1;
    this.#write('@xstate.event', recordBase(sessionId), {
      sourceId: sourceId && JSON.stringify(sourceId),
      event: plainText(event),
    });
  }

  snapshot(
    { sessionId, rootId, isStepped }: Pick<Subject, 'sessionId' | 'rootId' | 'isStepped'>,
    snapshot: unknown,
    event: AnyEventObject = { type: '' },
    transitions: readonly string[] = [],
  ): void {
    this.#write('@xstate.snapshot', recordBase(sessionId, rootId), {
      event: plainText(event),
      snapshot: isStepped ? rememberedText(snapshot) : snapshotText(snapshot),
      transitions: transitions.length > 0 ? JSON.stringify(transitions) : undefined,
    });
  }

  /** Only the last that were measured leave: nobody may take them for a long time. */
  figures(figures: Readonly<Record<string, unknown>>): void {
    this.#figures = figures;
  }

  gap(): void {
    this.#write('@interplex.gap', recordBase(nodeSession(this.#node)), { reason: '"rate"' });
  }

  /** Told before the first actor that is one; `undefined`: it looks like a machine, and is none. */
  #machine(logic: Parameters<typeof machineRecord>[0]): string | undefined {
    const record = readMachine(logic);
    if (!record) return undefined;
    const { machine } = record;
    if (!this.#machines.has(machine)) {
      this.#machines.add(machine);
      this.#push(JSON.stringify(record));
    }
    return machine;
  }

  #write(
    type: string,
    base: RecordBase,
    parts: Readonly<Record<string, string | undefined>>,
  ): void {
    const common = JSON.stringify({ type, ...base }).slice(0, -1);
    const own = Object.entries(parts).flatMap(([name, text]) =>
      text === undefined ? [] : [`,"${name}":${text}`],
    );
    this.#push(`${common}${own.join('')}}`);
  }

  #push(text: string): void {
    this.#records.push(text);
    this.#count.spend(1);
    this.#characters.spend(text.length);
  }
}

export const subjectOf = (
  actor: AnyActor,
  sessionOf: (actor: AnyActor) => string,
  { root, parentId }: { root: AnyActor; parentId: string },
): Subject => ({
  sessionId: sessionOf(actor),
  rootId: sessionOf(root),
  parentId,
  name: nameOf(actor),
  logic: actor.logic,
});

/** What has no name XState calls by its session, or by the state that invokes it. */
function nameOf({ id, sessionId, src, logic }: AnyActor): string {
  if (id === sessionId && isMachine(logic)) return logic.id;
  return /^\d+\./.test(id) && typeof src === 'string' ? src : id;
}

/** Logic that is not XState's own may have a machine's properties, and be none. */
function readMachine(logic: Parameters<typeof machineRecord>[0]) {
  try {
    return machineRecord(logic);
  } catch {
    return undefined; // It is told of as an actor without a chart.
  }
}

/** What the snapshots of actors have, as far as they do. */
interface Told {
  readonly status?: unknown;
  readonly value?: unknown;
  readonly context?: unknown;
  readonly output?: unknown;
  readonly error?: unknown;
  readonly tags?: unknown;
}

/** Logic that is not XState's own may have any: one that throws is told of as unreadable. */
function readSnapshot(snapshot: object): Told {
  try {
    const { status, value, context, output, error, tags } = snapshot as Told;
    return { status, value, context, output, error, tags };
  } catch {
    return { status: 'unreadable' };
  }
}

const texts = new WeakMap<object, string>();

function rememberedText(snapshot: unknown): string {
  if (typeof snapshot !== 'object' || snapshot === null) return '{}';
  const known = texts.get(snapshot);
  if (known !== undefined) return known;
  const text = snapshotText(snapshot);
  texts.set(snapshot, text);
  return text;
}

function snapshotText(snapshot: unknown): string {
  if (typeof snapshot !== 'object' || snapshot === null) return '{}';
  const { status, value, context, output, error, tags } = readSnapshot(snapshot);
  const shown = { status, value, output, error, tags };
  // A context is cut by itself, so that the state stands whatever lies in it.
  const text = plainText(shown);
  if (context === undefined) return text;
  return `${text.slice(0, -1)}${text === '{}' ? '' : ','}"context":${plainText(context)}}`;
}
