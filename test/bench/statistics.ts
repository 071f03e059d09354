/** What is made of samples: the middle, a quantile, and which of two is better. */

/** The value below which the given share of the samples lies, by nearest rank. */
export function quantile(samples: readonly number[], share: number): number {
  const sorted = samples.toSorted((a, b) => a - b);
  const rank = Math.ceil(share * sorted.length) - 1;
  return sorted[Math.min(Math.max(rank, 0), sorted.length - 1)] ?? Number.NaN;
}

/** The middle sample, or the mean of the two in the middle. */
export function median(samples: readonly number[]): number {
  const sorted = samples.toSorted((a, b) => a - b);
  const above = sorted[sorted.length >> 1] ?? Number.NaN;
  const below = sorted[(sorted.length - 1) >> 1] ?? Number.NaN;
  return (above + below) / 2;
}
