/** What the model of a mirror consists of: two blocks, two targets, and a line to one of them. */

export type TargetName = 'hall-1' | 'hall-2';
export type MirrorFault = 'none' | 'markedLate' | 'unreserved';

export interface Entry {
  readonly seq: number;
  readonly block: number;
  readonly value: number;
  /** Whether the replica has the whole block with it. */
  readonly isWhole: boolean;
}
export interface Word {
  readonly type: 'hello' | 'begin' | 'write' | 'level' | 'standing' | 'applied';
  readonly session: number;
  readonly seq: number;
  readonly block?: number;
  readonly value?: number;
  readonly run?: number;
}
export interface ReplicaState {
  readonly isOurs: boolean;
  readonly run: number;
  readonly applied: number;
  readonly isConsistent: boolean;
  /** By block, the number of the write that it has. */
  readonly blocks: readonly number[];
  readonly session: number;
}
export interface Volume {
  readonly fault: MirrorFault;
  /** By write, its block. */
  readonly plan: readonly number[];
  readonly writes: number;
  /** How far the write is that is under way. */
  readonly stage: 'none' | 'marked' | 'written';
  readonly isWhole: boolean;
  readonly run: number;
  readonly seq: number;
  readonly start: number;
  readonly log: readonly Entry[];
  readonly acked: number;
  readonly isLive: boolean;
  readonly isOpen: boolean;
  readonly session: number;
  readonly task: 'none' | 'resendDue' | 'rangesDue' | 'allDue' | 'resend' | 'ranges' | 'level';
  readonly cursor: number;
  readonly goal: number;
  readonly standing: number;
  readonly target: TargetName;
  readonly marks: Readonly<Partial<Record<TargetName, readonly boolean[]>>>;
  readonly replicas: Readonly<Record<TargetName, ReplicaState>>;
  readonly wire: readonly Word[];
  readonly back: readonly Word[];
  readonly cutsLeft: number;
  readonly deathsLeft: number;
  readonly movesLeft: number;
}
export type VolumeEvent =
  | { type: 'connect' | 'greet' | 'resend' | 'resynchronise' | 'copyAll' | 'drain' | 'hangUp' }
  | { type: 'crashed' } // the source's process
  | { type: 'write' | 'goOn' | 'copyNext' | 'deliver' | 'hear' } // steps of the plain code
  | { type: 'cut' | 'die' | 'move' }; // the line, the replica's process, the port
