/** What a plot shows: lines of values, and moments. */

export interface PlotLine {
  readonly name: string;
  readonly values: readonly (number | undefined)[];
}

/** A moment that a plot shows as a line. */
export interface Mark {
  /** Seconds since 1970. */
  readonly at: number;
  readonly label: string;
  readonly kind: 'good' | 'warn' | 'bad';
}
