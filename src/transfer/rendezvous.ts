/**
 * Highest-random-weight hashing: the same key prefers the same targets in the same order at every
 * node, and when a target goes, only its keys move. Source: Thaler and Ravishankar, "Using
 * name-based mappings to increase hit rates" (IEEE/ACM Transactions on Networking, 1998).
 */
import { createHash } from 'node:crypto';
import type { Target } from '../../actors/vocabulary.ts';

/** The targets in the order in which `key` prefers them. */
export function rendezvous(targets: readonly Target[], key: string): Target[] {
  const weighed = targets.map((target) => ({ target, weight: weightOf(target, key) }));
  return weighed.toSorted((a, b) => b.weight - a.weight).map(({ target }) => target);
}

/** 48 bits of a hash, as a whole number; the separator keeps names and keys apart. */
const weightOf = ({ node, application }: Target, key: string): number =>
  createHash('sha256').update(`${node}\0${application}\0${key}`).digest().readUIntBE(0, 6);
