/**
 * What a mirror's machine works on: the source's file and maps, which outlive its process, the
 * backlog and the session, which do not, the replicas, and the line between. Each event is one
 * indivisible step of `src/data-port/mirror-source.ts`, `mirror-session.ts` or `mirror-replica.ts`.
 */
import { enqueueActions, setup } from 'xstate';
import type { AnyActorRef } from 'xstate';
import type { ReplicaState, TargetName, Volume, VolumeEvent, Word } from './mirror-state.ts';

const backlogMax = 2;
const targets: readonly TargetName[] = ['hall-1', 'hall-2'];

/** The number of the last write to the block, of the first so many. */
export const contentOf = (plan: readonly number[], block: number, writes: number): number =>
  plan.slice(0, writes).lastIndexOf(block) + 1;

interface Told {
  readonly type: string;
  readonly history?: string;
  readonly refusal?: { readonly code: string; readonly reason: string };
}
/** What changes, and what the mirror's machine is told. */
interface Outcome {
  readonly next?: Partial<Volume>;
  readonly tell?: Told;
}
const level: Told = { type: 'replica.level' };
const lost: Told = { type: 'channel.lost', refusal: { code: 'IPX_PORT_LOST', reason: '' } };
const over = { isLive: false, task: 'none', wire: [], back: [] } as const;

const marksWith = (volume: Volume, block: number, isMarked: boolean, names = targets) => {
  const marks = { ...volume.marks };
  for (const name of names) {
    const former = marks[name];
    if (former) marks[name] = former.with(block, isMarked);
  }
  return marks;
};
const unapplied = ({ log, acked }: Volume) => log.filter(({ seq }) => seq > acked);

function write(volume: Volume): Outcome {
  const { stage, writes, plan, isLive, marks, target, fault } = volume;
  const block = plan[writes];
  const isFull = isLive && unapplied(volume).length >= backlogMax;
  if (stage !== 'none' || block === undefined || isFull) return {};
  const isUnderWay = unapplied(volume).some((entry) => entry.block === block && entry.isWhole);
  const isMissing = isLive && marks[target]?.[block] === true && !isUnderWay;
  const isWhole = !isMissing;
  if (fault === 'markedLate') return { next: { stage: 'marked', isWhole } };
  return { next: { stage: 'marked', isWhole, marks: marksWith(volume, block, true) } };
}

function goOn(volume: Volume): Outcome {
  const { stage, writes, plan, isWhole, fault } = volume;
  if (stage === 'marked') return { next: { stage: 'written', writes: writes + 1 } };
  if (stage === 'none') return {};
  const block = plan[writes - 1]!;
  const marks = fault === 'markedLate' ? marksWith(volume, block, true) : volume.marks;
  return { next: { ...appended(volume, block, writes, isWhole), stage: 'none', marks } };
}

function appended(volume: Volume, block: number, value: number, isWhole: boolean) {
  const { isLive, session, wire } = volume;
  const seq = volume.seq + 1;
  const isLost = !isLive && unapplied(volume).length >= backlogMax;
  const kept = isLost ? [] : volume.log;
  const start = isLost ? volume.seq : volume.start;
  const log = [...kept, { seq, block, value, isWhole }];
  const word = { type: 'write', session, seq, block, value } as const;
  return { seq, log, start, wire: isLive ? [...wire, word] : wire };
}

function greet(volume: Volume): Outcome {
  const { wire, back, replicas } = volume;
  const used = [...wire, ...back, ...Object.values(replicas)].map((one) => one.session);
  const session = [1, 2, 3, 4, 5].find((name) => !used.includes(name)) ?? 6; // In truth, by chance.
  const hello = { type: 'hello', session, seq: 0 } as const;
  return { next: { ...over, session, wire: [...wire, hello] } };
}

function resend(volume: Volume): Outcome {
  const { target, session, standing, seq, wire, start } = volume;
  if (standing < start) {
    return { next: { task: 'none' }, tell: { type: 'ranges.marked' } };
  }
  const log = volume.log.map((entry) => ({ ...entry, isWhole: true }));
  const rest = log.filter((entry) => entry.seq > standing);
  const blocks = [0, 1].map((block) => rest.some((entry) => entry.block === block));
  const words = rest.map(({ seq: number, block, value }) => {
    return { type: 'write', session, seq: number, block, value } as const;
  });
  const next = {
    log,
    acked: standing,
    isLive: true,
    marks: { ...volume.marks, [target]: blocks },
    wire: [...wire, ...words],
  };
  if (rest.length === 0) return { next: { ...next, task: 'none' }, tell: level };
  return { next: { ...next, task: 'resend', goal: seq } };
}

function synchronise(volume: Volume, isAll: boolean): Outcome {
  const { seq, session, run, target, wire } = volume;
  const marks = isAll ? { ...volume.marks, [target]: [true, true] } : volume.marks;
  const begin = { type: 'begin', session, seq, run } as const;
  const log = { log: [], start: seq, acked: seq };
  const task = { task: 'ranges', cursor: 0, isLive: true } as const;
  return { next: { ...log, ...task, marks, wire: [...wire, begin] } };
}

function copyNext(volume: Volume): Outcome {
  const { task, stage, cursor, marks, target, plan, writes, session, wire } = volume;
  if (stage !== 'none') return {};
  if (task === 'resendDue') return resend(volume);
  if (task === 'rangesDue' || task === 'allDue') return synchronise(volume, task === 'allDue');
  if (task !== 'ranges') return {};
  if (cursor < 2) {
    const next = { cursor: cursor + 1 };
    if (marks[target]?.[cursor] !== true) return { next };
    const value = contentOf(plan, cursor, writes);
    return { next: { ...next, ...appended(volume, cursor, value, true) } };
  }
  const seq = volume.seq + 1;
  const word = { type: 'level', session, seq } as const;
  return { next: { task: 'level', goal: seq, seq, wire: [...wire, word] } };
}

function deliver(volume: Volume): Outcome {
  const [word, ...wire] = volume.wire;
  if (!word) return {};
  const { target, replicas, back } = volume;
  const replica = replicas[target];
  const { session, seq } = word;
  if (word.type !== 'hello' && replica.session !== session) return { next: { wire } };
  const changed = { ...replica, ...received(replica, word) };
  const { run, applied } = changed;
  const standing = { type: 'standing', session, seq: applied, run } as const;
  const answers = { hello: [standing], begin: [] } as const;
  const answer =
    word.type in answers
      ? answers[word.type as keyof typeof answers]
      : [{ type: 'applied', session, seq } as const];
  const next = { wire, replicas: { ...replicas, [target]: changed }, back: [...back, ...answer] };
  return { next };
}

function received(replica: ReplicaState, word: Word): Partial<ReplicaState> {
  const { type, seq: applied, session, block = 0, value = 0, run = 0 } = word;
  if (type === 'hello') return { session };
  if (type === 'begin') return { isOurs: true, run, applied, isConsistent: false };
  if (type === 'level') return { applied, isConsistent: true };
  return { applied, blocks: replica.blocks.with(block, value) };
}

function hear(volume: Volume): Outcome {
  const [word, ...back] = volume.back;
  if (!word) return {};
  const { session, replicas, target, marks, run, start, seq } = volume;
  if (word.session !== session || !volume.isOpen) return { next: { back } };
  if (word.type === 'standing') {
    const { isOurs, isConsistent } = replicas[target];
    const isOfRun = word.run === run;
    const isRecent = isConsistent && isOfRun && word.seq >= start && word.seq <= seq;
    const shared = isRecent ? 'recent' : 'shared';
    const history = isOurs && marks[target] ? shared : 'none';
    return { next: { back, standing: word.seq }, tell: { type: 'replica.greeted', history } };
  }
  const acked = Math.max(volume.acked, word.seq);
  const next = { back, acked, ...applying(volume, acked) };
  const isAwaited = volume.task === 'resend' || volume.task === 'level';
  const isReached = isAwaited && acked >= volume.goal;
  return isReached ? { next: { ...next, task: 'none' }, tell: level } : { next };
}

/** Marks are taken away of blocks of which nothing is under way any more. */
function applying(volume: Volume, acked: number): Partial<Volume> {
  const { stage, plan, writes, isWhole: isReserved } = volume;
  const at = { none: -1, marked: writes, written: writes - 1 }[stage];
  const changing = isReserved && volume.fault !== 'unreserved' ? plan[at] : undefined;
  let marks = volume.marks;
  let { start, log } = volume;
  for (const { seq, block, isWhole } of log) {
    if (seq > acked || !isWhole || seq <= volume.acked) continue;
    if (block === changing) continue; // `Backlog.reserve`.
    const isLast = !log.some((entry) => entry.block === block && entry.isWhole && entry.seq > seq);
    if (isLast) marks = marksWith({ ...volume, marks }, block, false, [volume.target]);
  }
  while (log.length > backlogMax && log[0]!.seq <= acked) {
    start = log[0]!.seq;
    log = log.slice(1);
  }
  return { marks, log, start };
}

function trouble(volume: Volume, type: 'cut' | 'die' | 'move'): Outcome {
  const { cutsLeft, deathsLeft, movesLeft, target, replicas, isOpen } = volume;
  const left = { cut: cutsLeft, die: deathsLeft, move: movesLeft }[type];
  if (left === 0 || !isOpen) return {};
  if (type === 'cut') return { next: { cutsLeft: left - 1, wire: [], back: [] }, tell: lost };
  if (type === 'move') {
    const other = target === 'hall-1' ? 'hall-2' : 'hall-1';
    const next = { ...over, movesLeft: left - 1, target: other } as const;
    return { next, tell: { type: 'target.changed' } };
  }
  const dead = { ...replicas[target], session: 0 };
  const next = {
    deathsLeft: left - 1,
    wire: [],
    back: [],
    replicas: { ...replicas, [target]: dead },
  };
  return { next, tell: lost };
}

function crash(volume: Volume): Outcome {
  const gone = { log: [], seq: 0, start: 0, acked: 0, stage: 'none' } as const;
  const next = { ...over, ...gone, wire: volume.wire, run: volume.run + 1, isOpen: false };
  return { next };
}

function outcomeOf(volume: Volume, { type }: VolumeEvent): Outcome {
  if (type === 'connect') return { next: { isOpen: true }, tell: { type: 'channel.opened' } };
  if (type === 'greet') return greet(volume);
  if (type === 'resend') return { next: { task: 'resendDue' } };
  if (type === 'resynchronise') return { next: { task: 'rangesDue' } };
  if (type === 'copyAll') return { next: { task: 'allDue' } };
  if (type === 'hangUp') return { next: { ...over, isOpen: false } };
  if (type === 'drain') return {};
  if (type === 'crashed') return crash(volume);
  if (type === 'write') return write(volume);
  if (type === 'goOn') return goOn(volume);
  if (type === 'copyNext') return copyNext(volume);
  if (type === 'deliver') return deliver(volume);
  if (type === 'hear') return hear(volume);
  return trouble(volume, type);
}

export const mirrorVolumeMachine = setup({
  // oxlint-disable-next-line typescript/no-unnecessary-type-assertion -- xstate's way to give types
  types: {} as { context: Volume; input: Volume; events: VolumeEvent },
  actions: {
    happen: enqueueActions(({ context, event, system, enqueue }) => {
      const { next, tell } = outcomeOf(context, event);
      if (next) enqueue.assign(next);
      if (tell) enqueue.sendTo(system.get('mirror') as AnyActorRef, tell);
    }),
  },
}).createMachine({
  id: 'mirrorVolume',
  context: ({ input }) => input,
  on: { '*': { actions: 'happen' } },
});
