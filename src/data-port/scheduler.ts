/**
 * Which path a frame takes (DP-4). `drain` is the default: the path on which it arrives first, by
 * what is under way there and the measured rate, as MPTCP's scheduler estimates it; a slow path is
 * left out, as in BLEST (Ferlin et al., 2016), when the fast one will have sent all that waits
 * sooner.
 */
import type { Path } from './path.ts';

export type PathPolicy = 'drain' | 'turns' | 'first';
export const pathPolicies: readonly PathPolicy[] = ['drain', 'turns', 'first'];

export interface Wish {
  readonly bytes: number;
  /** All that waits, these bytes among them. */
  readonly waitingBytes: number;
  /** It goes at once, whatever else is under way. */
  readonly isUrgent: boolean;
}
/** The path to take now; `undefined`: it is better to wait. */
export type Scheduler = (paths: readonly Path[], wish: Wish) => Path | undefined;

const usable = (paths: readonly Path[]) => paths.filter(({ isSuspect }) => !isSuspect);

const drain: Scheduler = (paths, { bytes, waitingBytes, isUrgent }) => {
  let first: Path | undefined;
  let fastest: Path | undefined;
  for (const path of paths) {
    if (path.isSuspect) continue;
    if (!fastest || path.rate > fastest.rate) fastest = path;
    if (!isUrgent && !path.hasRoom(paths.length)) continue;
    if (!first || path.finishMs(bytes) < first.finishMs(bytes)) first = path;
  }
  if (!first || !fastest || isUrgent || first === fastest) return first;
  return first.finishMs(bytes) <= fastest.finishMs(waitingBytes) ? first : undefined;
};

/** In turn, as geographic mirroring on IBM i does: as slow as the slowest, but predictable. */
function inTurns(): Scheduler {
  let turn = 0;
  return (paths, { isUrgent }) => {
    const trusted = usable(paths);
    const path = trusted[turn % trusted.length];
    if (!path || (!isUrgent && !path.hasRoom(paths.length))) return undefined;
    turn += 1;
    return path;
  };
}

/** The first path that is left; the others are its spares. */
const first: Scheduler = (paths, { isUrgent }) => {
  const [path] = usable(paths).toSorted((one, other) => one.index - other.index);
  return path && (isUrgent || path.hasRoom(paths.length)) ? path : undefined;
};

export const schedulerOf = (policy: PathPolicy): Scheduler => {
  switch (policy) {
    case 'drain':
      return drain;
    case 'turns':
      return inTurns();
    case 'first':
      return first;
  }
};
