/**
 * A trace of the checker as a recording: its steps are taken again, and what each made of its
 * actors is told as if they had run (AF-7, AF-8).
 */
import type { AnyEventObject, AnyMachineSnapshot, AnyStateMachine, AnyStateNode } from 'xstate';
import { edgesOf, nodesOf } from '../check/edges.ts';
import type { Model } from '../check/model.ts';
import type { ModelActor } from '../check/model-actor.ts';
import { replay } from '../check/replay.ts';
import type { State } from '../check/state.ts';
import type { SystemState } from '../check/system-state.ts';
import type { Trace, TraceStep } from '../check/trace.ts';
import { activeStates, transitionId } from './chart.ts';
import { machineRecord } from './machine-charts.ts';
import { plainText } from './plain.ts';
import { headOfRecording } from './recording-text.ts';
import { clusterSession, nodeSession, schemaVersion } from './records.ts';

type Actors = Readonly<Record<string, ModelActor>>;
type Told = Readonly<Record<string, unknown>>;

/** Who is told of in a state: an actor, or a machine in it. */
interface Player {
  readonly sessionId: string;
  readonly name: string;
  readonly parentId: string;
  readonly node: string;
  readonly machine: AnyStateMachine;
  readonly state: State<AnyStateMachine>;
  readonly isDown: boolean;
}

/** Steps have no time; they are shown a second apart. */
const stepMs = 1_000;

/**
 * The text of a recording, which `interplex inspect` and the inspector's page open. Throws
 * IPX_CHECK_TRACE where the trace is not one of the model.
 */
export function recordingOf(model: Model<Actors>, trace: Trace, title: string): string {
  const { states } = replay(model, trace);
  const records: Told[] = [];
  const machines = new Set<AnyStateMachine>();
  let before = new Map<string, Player>();
  for (const [index, state] of states.entries()) {
    const step = trace.steps[index - 1];
    const base = (sessionId: string) => ({
      sessionId,
      rootId: sessionId,
      createdAt: String(index * stepMs),
      id: String(records.length),
      _version: schemaVersion,
    });
    const players = playersOf(model, state);
    if (step) records.push({ ...base(sessionOf(step)), ...heard(step) });
    for (const player of players.values()) {
      const { machine, sessionId } = player;
      if (!machines.has(machine)) records.push({ ...machineRecord(machine) });
      machines.add(machine);
      const earlier = before.get(sessionId);
      if (earlier && isSame(earlier, player)) continue;
      const told = earlier ? changed(earlier, player, step) : appeared(player);
      records.push({ ...base(sessionId), ...told });
    }
    for (const gone of before.values()) {
      if (players.has(gone.sessionId)) continue;
      const snapshot = { status: 'stopped' };
      const event = step?.event ?? { type: '' };
      records.push({ ...base(gone.sessionId), type: '@xstate.snapshot', event, snapshot });
    }
    before = players;
  }
  const lines = records.map((record) => `${JSON.stringify(record)}\n`);
  return `${headOfRecording(title)}${lines.join('')}`;
}

const sessionOf = ({ actor, child }: TraceStep): string =>
  child === undefined ? actor : `${actor}/${child}`;

/** What happens, as a message: of the one who sent it, or of the world. */
function heard({ kind, from, effect, event, actor }: TraceStep): Told {
  const type = event?.type ?? kind;
  const told: AnyEventObject = { ...event, type };
  const extra = kind === 'delivery' ? {} : { kind, ...(effect !== undefined && { effect }) };
  const isOfNode = kind === 'crash' || kind === 'restart' || kind === 'loss';
  return {
    type: '@xstate.event',
    ...(from !== undefined && { sourceId: from }),
    ...(isOfNode && { sessionId: from === undefined ? clusterSession : actor }),
    event: { ...told, ...extra, type: isOfNode ? `${kind} of ${type}, ${actor}` : type },
  };
}

function appeared({ name, parentId, node, machine, state, isDown }: Player): Told {
  return {
    type: '@xstate.actor',
    name,
    parentId,
    node,
    machine: machineRecord(machine).machine,
    snapshot: snapshotOf(state, isDown),
  };
}

function changed(earlier: Player, { machine, state, isDown }: Player, step: TraceStep | undefined) {
  const event = step?.event ?? { type: step?.kind ?? '' };
  return {
    type: '@xstate.snapshot',
    event,
    snapshot: snapshotOf(state, isDown),
    transitions: transitionsOf(machine, earlier.state, event, state),
  };
}

const snapshotOf = (
  { value, context, status, output }: State<AnyStateMachine>,
  isDown: boolean,
) => ({
  ...(!isDown && { value: value as unknown }),
  status: isDown ? 'stopped' : status,
  context: JSON.parse(plainText(context)) as unknown,
  ...(output !== undefined && { output: JSON.parse(plainText(output)) as unknown }),
});

/**
 * As the machine chooses them, asked anew: a trace keeps what came of them. A child hears of its
 * parent what the trace does not name: then the only one that leads to where it is.
 */
function transitionsOf(
  machine: AnyStateMachine,
  before: State<AnyStateMachine>,
  event: AnyEventObject,
  after: State<AnyStateMachine>,
): readonly string[] {
  if (before.status !== 'active') return [];
  const snapshot = machine.resolveState(before as never) as AnyMachineSnapshot;
  const chosen = machine.getTransitionData(snapshot, event);
  if (chosen.length > 0) return chosen.map((edge) => transitionId(edge));
  const [from, to] = [new Set(activeStates(before.value)), new Set(activeStates(after.value))];
  const idOf = ({ path }: AnyStateNode) => path.join('.');
  const leading = nodesOf(machine)
    .filter((node) => from.has(idOf(node)))
    .flatMap((node) => edgesOf(node))
    .filter(({ target = [] }) =>
      target.some((node) => to.has(idOf(node)) && !from.has(idOf(node))),
    );
  return leading.length === 1 ? leading.map((edge) => transitionId(edge)) : [];
}

const isSame = (one: Player, other: Player): boolean =>
  one.isDown === other.isDown &&
  plainText([one.state.value, one.state.status, one.state.context]) ===
    plainText([other.state.value, other.state.status, other.state.context]);

function playersOf(model: Model<Actors>, { actors }: SystemState): Map<string, Player> {
  const players = new Map<string, Player>();
  const add = (player: Player) => players.set(player.sessionId, player);
  for (const [name, { machine }] of Object.entries(model.actors)) {
    const state = actors[name];
    if (!state) continue;
    const { isDown } = state;
    add({
      sessionId: name,
      name,
      parentId: nodeSession('model'),
      node: 'model',
      machine,
      state,
      isDown,
    });
    for (const id of state.children) {
      const child = state.child(id);
      const logic = machineOf(machine, id);
      if (!child || !logic) continue;
      const sessionId = `${name}/${id}`;
      add({
        sessionId,
        name: id,
        parentId: name,
        node: 'model',
        machine: logic,
        state: child,
        isDown,
      });
    }
  }
  return players;
}

/** A child's machine: what is invoked by that id, or the only machine that there is to spawn. */
function machineOf(parent: AnyStateMachine, id: string): AnyStateMachine | undefined {
  const logics = parent.implementations.actors as Readonly<Record<string, unknown>>;
  const invoked = nodesOf(parent)
    .flatMap(({ invoke }) => invoke)
    .find((definition) => definition.id === id)?.src;
  if (typeof invoked === 'string') return asMachine(logics[invoked]);
  const machines = Object.values(logics).flatMap((logic) => asMachine(logic) ?? []);
  return machines.length === 1 ? machines[0] : undefined;
}

const asMachine = (logic: unknown): AnyStateMachine | undefined =>
  typeof logic === 'object' && logic !== null && 'root' in logic && 'config' in logic
    ? (logic as AnyStateMachine)
    : undefined;
