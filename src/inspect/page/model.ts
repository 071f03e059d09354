/** All that the page knows, made of the records that have come: bounded, and told once a frame. */
import type { Chart } from '../chart.ts';
import type { DataPortFigures, NodeFigures } from '../figures.ts';
import type {
  ActorRecord,
  EventRecord,
  FiguresRecord,
  InspectionRecord,
  PlainEvent,
  PlainSnapshot,
} from '../records.ts';
import { bounds } from './bounds.ts';
import { DataPortHistory } from './data-port-history.ts';
import { History } from './history.ts';
import type { Message } from './message.ts';
import { transferOf, Transfers } from './transfers.ts';
import type { Mark } from './plotted.ts';
import { missingPart } from './whole-record.ts';

export interface Step {
  readonly atMs: number;
  readonly event: PlainEvent;
  readonly snapshot: PlainSnapshot;
  readonly transitions: readonly string[];
}

export interface Actor {
  readonly sessionId: string;
  readonly name: string;
  readonly node: string;
  readonly parentId: string | undefined;
  readonly machine: string | undefined;
  snapshot: PlainSnapshot;
  /** The last ones; the newest last. */
  readonly steps: Step[];
  isOver: boolean;
  changes: number;
}

export class Model {
  readonly actors = new Map<string, Actor>();
  readonly machines = new Map<string, Chart>();
  /** By session: of each node, and of the main thread. */
  readonly figures = new Map<string, Readonly<Record<string, unknown>>>();
  readonly figureTimes = new Map<string, number>();
  messages: Message[] = [];
  /** What the cluster tells of itself: nodes that come and go. */
  readonly happenings: Message[] = [];
  readonly transfers = new Transfers();
  /** What has come, for a recording. */
  records: InspectionRecord[] = [];
  title = '';
  control = false;
  isRecording = false;
  gaps = 0;
  /** The actor that is looked at: it is kept when it is over. */
  pinned = '';
  /** Of each node, in percent. */
  readonly eventLoopUse = new History();
  readonly dataPorts = new DataPortHistory();
  /** Where nodes have ended, and live again. */
  readonly marks: Mark[] = [];
  /** Grows with each record. */
  version = 0;
  /** Grows when an actor comes, goes or is renamed. */
  family = 0;
  #stepCount = 0;
  #messageCount = 0;
  /** Steps that come again when the connection is made anew are known up to here. */
  #knownUntilMs = 0;
  #newestMs = 0;
  readonly #over: string[] = [];
  /** Not told of since the connection was made anew. */
  #doubted: ReadonlySet<string> = new Set();

  /** Throws where a record of a file has not what its kind has. */
  take(record: InspectionRecord): void {
    const missing = missingPart(record);
    if (missing !== undefined) throw new Error(`it has no ${missing}`);
    if (this.#isKnown(record)) return;
    this.version += 1;
    this.#keep(record);
    switch (record.type) {
      case '@interplex.welcome':
        this.title = record.title;
        this.control = record.control;
        this.isRecording ||= record.isRecording;
        this.#knownUntilMs = this.#newestMs;
        this.#doubtAll();
        return;
      case '@interplex.machine':
        this.machines.set(record.machine, record.chart);
        return;
      case '@interplex.figures':
        this.#measure(record);
        return;
      case '@interplex.gap':
        this.gaps += 1;
        return;
      case '@xstate.actor':
        this.#meet(record);
        return;
      case '@xstate.snapshot':
        this.#step(record);
        return;
      case '@xstate.event':
        this.#hear(record);
        return;
      case '@interplex.answer':
        return;
    }
  }

  /** Rows of one name, from all who have them. */
  listOf<Row>(name: string): Row[] {
    return this.figuresOf<unknown>(name).flatMap(({ figures }) =>
      Array.isArray(figures) ? (figures as Row[]) : [],
    );
  }

  /** Figures of one name, from all who have them. */
  figuresOf<Figures>(name: string): { readonly session: string; readonly figures: Figures }[] {
    return [...this.figures].flatMap(([session, figures]) =>
      figures[name] === undefined ? [] : [{ session, figures: figures[name] as Figures }],
    );
  }

  /** Its node has ended, and it with it. */
  #endNode(node: string): void {
    for (const actor of this.actors.values()) {
      if (actor.node === node && !actor.isOver) this.#end(actor);
    }
    this.figures.delete(`node:${node}`);
  }

  /** Who still lives, and what is measured, is told of again; who was in doubt before is gone. */
  #doubtAll(): void {
    this.figures.clear();
    for (const [id, actor] of this.actors) {
      if (actor.isOver && this.#doubted.has(id) && id !== this.pinned) this.actors.delete(id);
    }
    this.#doubted = new Set(this.actors.keys());
    for (const actor of this.actors.values()) actor.isOver = true;
    this.family += 1;
  }

  #isKnown({ type, createdAt }: InspectionRecord): boolean {
    if (type !== '@xstate.event' && type !== '@xstate.snapshot') return false;
    const atMs = Number(createdAt);
    if (atMs <= this.#knownUntilMs) return true;
    if (atMs > this.#newestMs) this.#newestMs = atMs;
    return false;
  }

  #keep(record: InspectionRecord): void {
    this.records.push(record);
    if (this.records.length <= bounds.records) return;
    const gone = this.records.splice(0, bounds.records / 2);
    this.records.unshift(...lastingOf(gone, this.actors));
  }

  #meet(record: Extract<InspectionRecord, { type: '@xstate.actor' }>): void {
    const { sessionId, name, node = '', parentId, machine, snapshot } = record;
    const known = this.actors.get(sessionId);
    this.family += 1;
    if (known && known.machine === machine) {
      known.snapshot = snapshot;
      if (known.isOver && !isOver(snapshot)) known.isOver = false;
      return;
    }
    const first = { atMs: Number(record.createdAt), snapshot, transitions: [] };
    const actor: Actor = {
      sessionId,
      name,
      node,
      parentId,
      machine,
      snapshot,
      steps: [{ ...first, event: { type: 'seen' } }],
      isOver: false,
      changes: 0,
    };
    this.actors.set(sessionId, actor);
    if (isOver(snapshot)) this.#end(actor);
  }

  #step(record: Extract<InspectionRecord, { type: '@xstate.snapshot' }>): void {
    const actor = this.actors.get(record.sessionId);
    if (!actor) return;
    const { event, snapshot, transitions = [], createdAt } = record;
    // Of one that is only told to be over the last state is still of interest.
    const shown = snapshot.value === undefined ? { ...actor.snapshot, ...snapshot } : snapshot;
    actor.snapshot = shown;
    actor.changes += 1;
    actor.steps.push({ atMs: Number(createdAt), event, snapshot: shown, transitions });
    if (actor.steps.length > bounds.steps) actor.steps.shift();
    else this.#stepCount += 1;
    if (isOver(snapshot) && !actor.isOver) this.#end(actor);
    if (this.#stepCount > bounds.stepsOfAll) this.#forget();
  }

  /** Half of what each actor has: the actors that say most lose most. */
  #forget(): void {
    this.#stepCount = 0;
    for (const { steps } of this.actors.values()) {
      steps.splice(0, Math.floor(steps.length / 2));
      this.#stepCount += steps.length;
    }
  }

  #end(actor: Actor): void {
    actor.isOver = true;
    this.family += 1;
    this.#over.push(actor.sessionId);
    if (this.#over.length <= bounds.over) return;
    const gone = this.#over.shift();
    if (gone === undefined || gone === this.pinned) return;
    if (this.actors.get(gone)?.isOver) this.actors.delete(gone);
  }

  #hear({ sessionId, sourceId, event, createdAt }: EventRecord): void {
    this.#messageCount += 1;
    const message: Message = {
      number: this.#messageCount,
      atMs: Number(createdAt),
      from: sourceId,
      to: sessionId,
      event,
      transfer: transferOf(event, sourceId, sessionId),
    };
    this.messages.push(message);
    this.transfers.take(message);
    if (sessionId === 'cluster') this.#happen(message);
    if (this.messages.length > bounds.messages * 2) {
      this.messages = this.messages.slice(-bounds.messages);
    }
  }

  #happen(message: Message): void {
    const { event, atMs } = message;
    const node = String(event['node']);
    this.happenings.push(message);
    if (this.happenings.length > bounds.happenings) this.happenings.shift();
    const kind = { 'node.ended': 'bad', 'node.started': 'good' }[event.type];
    if (event.type === 'node.ended') this.#endNode(node);
    if (kind !== 'bad' && kind !== 'good') return;
    this.marks.push({ at: atMs / 1_000, label: node, kind });
    if (this.marks.length > bounds.happenings) this.marks.shift();
  }

  #measure({ sessionId, figures, createdAt }: FiguresRecord): void {
    this.figures.set(sessionId, figures);
    const atMs = Number(createdAt);
    this.figureTimes.set(sessionId, atMs);
    if (figures['dataPorts']) this.dataPorts.add(atMs, this.listOf<DataPortFigures>('dataPorts'));
    if (!Array.isArray(figures['nodes'])) return;
    const nodes = figures['nodes'] as readonly NodeFigures[];
    const use = nodes.map(({ node, eventLoopUse = 0 }) => [node, eventLoopUse * 100] as const);
    this.eventLoopUse.add(atMs, new Map(use));
  }
}

/** Of what is forgotten still who is who, each as it was by then: else what follows is nobody's. */
function lastingOf(
  gone: readonly InspectionRecord[],
  actors: ReadonlyMap<string, Actor>,
): InspectionRecord[] {
  const machines = gone.filter(({ type }) => type === '@interplex.machine');
  const known = new Map<string, ActorRecord>();
  for (const record of gone) {
    const { sessionId } = record;
    const before = known.get(sessionId);
    if (record.type === '@xstate.actor') known.set(sessionId, record);
    else if (record.type === '@xstate.snapshot' && before) {
      const snapshot = { ...before.snapshot, ...record.snapshot };
      known.set(sessionId, { ...before, createdAt: record.createdAt, snapshot });
    }
  }
  return [...machines, ...[...known.values()].filter(({ sessionId }) => actors.has(sessionId))];
}

const isOver = ({ status }: PlainSnapshot) => status !== undefined && status !== 'active';
