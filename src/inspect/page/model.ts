/** All that the page knows, made of the records that have come: bounded, and told once a frame. */
import type { Chart } from '../chart.ts';
import type { NodeFigures } from '../figures.ts';
import type {
  EventRecord,
  FiguresRecord,
  InspectionRecord,
  PlainEvent,
  PlainSnapshot,
} from '../records.ts';
import { bounds } from './bounds.ts';
import { History } from './history.ts';

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

export interface Message {
  readonly number: number;
  readonly atMs: number;
  readonly from: string | undefined;
  readonly to: string;
  readonly event: PlainEvent;
  /** `<giver>/<number>`, of a message between two nodes about a transfer. */
  readonly transfer: string | undefined;
  /** `<origin>/<number>`, where it is known. */
  readonly connection: string | undefined;
}

export class Model {
  readonly actors = new Map<string, Actor>();
  readonly machines = new Map<string, Chart>();
  /** By session: of each node, and of the main thread. */
  readonly figures = new Map<string, Readonly<Record<string, unknown>>>();
  readonly figureTimes = new Map<string, number>();
  messages: Message[] = [];
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
  /** Grows with each record. */
  version = 0;
  /** Grows when an actor comes, goes or is renamed. */
  family = 0;
  #stepCount = 0;
  #messageCount = 0;
  readonly #connections = new Map<string, string>();
  readonly #over: string[] = [];

  take(record: InspectionRecord): void {
    this.version += 1;
    this.#keep(record);
    switch (record.type) {
      case '@interplex.welcome':
        this.title = record.title;
        this.control = record.control;
        this.isRecording ||= record.isRecording;
        // Who still lives is told of again.
        for (const actor of this.actors.values()) actor.isOver = true;
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

  /** Figures of one name, from all who have them. */
  figuresOf<Figures>(name: string): { readonly session: string; readonly figures: Figures }[] {
    return [...this.figures].flatMap(([session, figures]) =>
      figures[name] === undefined ? [] : [{ session, figures: figures[name] as Figures }],
    );
  }

  /** Its node has ended, and it with it. */
  endNode(node: string): void {
    for (const actor of this.actors.values()) {
      if (actor.node === node && !actor.isOver) this.#end(actor);
    }
    this.figures.delete(`node:${node}`);
  }

  #keep(record: InspectionRecord): void {
    this.records.push(record);
    if (this.records.length <= bounds.records) return;
    // What says who is who stays, whatever its age.
    const half = this.records.splice(0, bounds.records / 2);
    const lasting = half.filter(({ type }) => type === '@interplex.machine');
    this.records.unshift(...lasting);
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
    if (sessionId === 'cluster' && event.type === 'node.ended') this.endNode(String(event['node']));
    this.#messageCount += 1;
    const transfer = transferOf(event, sourceId, sessionId);
    this.messages.push({
      number: this.#messageCount,
      atMs: Number(createdAt),
      from: sourceId,
      to: sessionId,
      event,
      transfer,
      connection: this.#connectionOf(event, transfer),
    });
    if (this.messages.length > bounds.messages * 2) {
      this.messages = this.messages.slice(-bounds.messages);
    }
  }

  /** An offer says which connection it is about; what follows says only which transfer. */
  #connectionOf(event: PlainEvent, transfer: string | undefined): string | undefined {
    const { connection } = event as { connection?: { origin?: unknown; number?: unknown } };
    const name = connection && `${String(connection.origin)}/${String(connection.number)}`;
    if (transfer === undefined) return name;
    if (name !== undefined) {
      if (this.#connections.size >= bounds.messages) this.#connections.clear();
      this.#connections.set(transfer, name);
    }
    return this.#connections.get(transfer);
  }

  #measure({ sessionId, figures, createdAt }: FiguresRecord): void {
    this.figures.set(sessionId, figures);
    const atMs = Number(createdAt);
    this.figureTimes.set(sessionId, atMs);
    const { nodes } = figures as { nodes?: readonly NodeFigures[] };
    if (!nodes) return;
    const use = nodes.map(({ node, eventLoopUse = 0 }) => [node, eventLoopUse * 100] as const);
    this.eventLoopUse.add(atMs, new Map(use));
  }
}

/** A transfer is numbered by its giver: who offers, commits and cancels; the others answer it. */
function transferOf(event: PlainEvent, from: string | undefined, to: string) {
  const { transfer } = event;
  if (typeof transfer !== 'number' || from === undefined) return undefined;
  const isGivers = /^transfer\.(offer|commit|cancel)$/.test(event.type);
  return `${(isGivers ? from : to).replace(/^node:/, '')}/${transfer}`;
}

const isOver = ({ status }: PlainSnapshot) => status !== undefined && status !== 'active';
