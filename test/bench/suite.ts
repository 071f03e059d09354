/** A suite of benchmarks: groups of lines that are measured together. */
import type { Result } from './report.ts';

export interface Group {
  /** The names of its lines. */
  readonly names: readonly string[];
  measure(scale: Scale): Promise<readonly Result[]>;
}

/** `full` measures; `smoke` only shows that all of it runs. */
export type Scale = 'full' | 'smoke';

export interface Suite {
  readonly groups: readonly Group[];
}

/** Measures the groups that have a line whose name contains `part`; tells of each as it begins. */
export async function runSuite(
  { groups }: Suite,
  { scale, part, tell }: { scale: Scale; part: string; tell: (line: string) => void },
): Promise<readonly Result[]> {
  const results: Result[] = [];
  for (const group of groups) {
    const wanted = group.names.filter((name) => name.includes(part));
    if (wanted.length === 0) continue;
    tell(`measuring: ${wanted.join('; ')}`);
    const found = await group.measure(scale);
    results.push(...found.filter(({ name }) => wanted.includes(name)));
  }
  return results;
}
