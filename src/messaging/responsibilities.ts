/**
 * Who does what nobody was configured for (CM-8): a pure function of what the hashed rows say of
 * adapters, so that nodes with equal tables agree without a word. Rendezvous hashing (Thaler,
 * Ravishankar 1998): a node that comes or goes moves only the duties that it takes or had.
 */
import { createHash } from 'node:crypto';
import type { NodeId } from '../../actors/vocabulary.ts';
import type { Row } from './row.ts';

/** All who may do it, the responsible one first, then its backups. */
export function orderFor(rows: readonly Row[], duty: string): NodeId[] {
  return rows
    .filter(({ status, adapters }) => status === 'present' && adapters.some(isUp))
    .map((row) => ({ node: row.node, score: scoreOf(row, duty) }))
    .toSorted((one, other) => (one.score < other.score ? 1 : -1))
    .map(({ node }) => node);
}

/** Nobody, where no node has an adapter that is up. */
export const responsibleFor = (rows: readonly Row[], duty: string): NodeId | undefined =>
  orderFor(rows, duty)[0];

const isUp = ({ status }: Row['adapters'][number]) => status === 'up';

const scoreOf = ({ node, adapters }: Row, duty: string): string =>
  createHash('sha256')
    .update(JSON.stringify([duty, node, adapters.filter(isUp).map(({ address }) => address)]))
    .digest('hex');
