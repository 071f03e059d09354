/** What a replica has in common with the source: by its own word, and by sums (DP-10). */
import type { History } from '../../actors/data-port/mirror.ts';
import { bounds } from './mirror-bounds.ts';
import type { DirtyMap } from './mirror-map.ts';
import type { MirrorSource } from './mirror-source.ts';
import type { Comparison } from './mirror-sums.ts';
import type { Standing } from './mirror-wire.ts';

export async function historyOf(
  source: MirrorSource,
  target: string,
  { lineage, run, applied, isConsistent, isBlank }: Standing,
): Promise<History> {
  if (lineage !== source.history.lineage) return isBlank ? 'none' : 'foreign';
  if (!(await source.history.mapOf(target))) return 'none';
  const isInBacklog = applied >= source.backlog.start && applied <= source.sequence;
  return isConsistent && run === source.run && isInBacklog ? 'recent' : 'shared';
}

export interface Comparing {
  readonly source: MirrorSource;
  readonly map: DirtyMap;
  readonly compare: (offset: number, bytes: number) => Promise<Comparison>;
  readonly goesOn: () => boolean;
}

/**
 * Blocks that are alike on both sides are marked no more. Only where more is marked than not: sums
 * are far smaller than blocks, and cost reading on both sides.
 */
export async function unmarkAlike({ source, map, compare, goesOn }: Comparing): Promise<void> {
  const { blockBytes } = source;
  const { last } = source.blocksOf(0, await source.length());
  if (map.count <= 1 || map.count * 2 <= last + 1) return;
  const rangeBlocks = Math.max(1, Math.floor(bounds.sumsBytes / blockBytes));
  let block = map.next(0);
  while (block >= 0 && goesOn()) {
    const watch = source.watchWrites();
    const { differing } = await compare(block * blockBytes, rangeBlocks * blockBytes);
    const areUnlike = new Set(differing);
    for (let at = block; at < block + rangeBlocks; at += 1) {
      if (!areUnlike.has(at) && !watch.written.has(at)) map.clear(at);
    }
    watch.forget();
    block = map.next(block + rangeBlocks);
  }
}
